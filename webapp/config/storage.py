"""The settings of what is stored: PostgreSQL, the keys, the seals and the folders."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from webapp.config.field_types import DatabaseAddress, Folder
from webapp.config.places import ROOT


class StorageSettings(BaseModel):
    """Where records, keys and what was read off models are kept."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    database_url: DatabaseAddress | None = Field(
        None, description="The address of PostgreSQL. Unset: an embedded PostgreSQL under `instance/`."
    )
    database_password: str | None = Field(
        None, description="The password for DATABASE_URL and MAINTENANCE_DATABASE_URL, if it is not in them."
    )
    maintenance_database_url: DatabaseAddress | None = Field(
        None,
        description="The address of PostgreSQL itself, if DATABASE_URL is that of a pooler: for sealing, migrations "
        "and notifications, which need sessions of their own. Unset: DATABASE_URL.",
    )
    secret_key: str | None = Field(
        None,
        min_length=16,
        description="The secret from which the authentication codes of records, the pseudonyms and the keys for "
        "repeated requests are derived, the same on all hosts of a database. Unset: generated once and kept under "
        "`instance/`. Seal the log before you change it.",
    )
    sealing_key: str | None = Field(
        None,
        description="The Ed25519 private key that signs the seals of the prediction log: PEM, or 64 hexadecimal "
        "digits; the same on all hosts of a database. Unset: generated once and kept under `instance/`.",
    )
    seal_every: int = Field(3600, ge=0, description="Seconds between two seals of the log. 0: only on command.")
    seal_to: str | None = Field(
        None,
        description="Where the service also writes the head of each seal, outside the database: a file, an http(s) "
        "address that accepts POST, or `log`.",
    )
    standalone: bool = Field(
        True,
        description="Create what is unset (PostgreSQL, the keys) under `instance/`. "
        "The container sets it to false, so it refuses to start without them.",
    )
    instance_dir: Folder = Field(ROOT / "instance", description="The folder for the embedded PostgreSQL and the keys.")
    spool_dir: Folder | None = Field(
        None,
        description="The folder where records wait while PostgreSQL can't be reached, on a persistent disk "
        "that no other service uses. Unset: `spool/` in `INSTANCE_DIR`.",
    )
    known_dir: Folder | None = Field(
        None,
        description="The folder where what was read off models is kept, with copies of their files. If it is lost, "
        "the next start takes longer. Unset: `known/` in `INSTANCE_DIR`.",
    )
    environments_dir: Folder | None = Field(
        None,
        description="The folder with the environments for models that need other libraries. Unset: `environments/` in "
        "`INSTANCE_DIR`.",
    )
