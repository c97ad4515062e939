"""The settings: each variable once, typed and described; a wrong one stops the start."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from webapp.errors import SettingsError

VERSION = "0.1.0"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
LOOPBACK_NAMES = ("127.0.0.1", "[::1]", "localhost")
ROOT = Path(__file__).resolve().parent.parent


def _split(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_split)]
Folder = Annotated[Path, AfterValidator(Path.resolve)]


class Settings(BaseModel):
    """What can be set from outside, each as ``NAME`` or, read from a file, as ``NAME_FILE``."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    database_url: str | None = Field(
        None,
        pattern=r"^postgres(ql)?(\+psycopg)?://",
        description="Where PostgreSQL is. Unset: an embedded PostgreSQL under `instance/`.",
    )
    secret_key: str | None = Field(
        None,
        min_length=16,
        description="What the codes of records, the pseudonyms and the keys for repeated requests are made with. "
        "Unset: made once and kept under `instance/`. Seal the log before you change it.",
    )
    sealing_key: str | None = Field(
        None,
        description="The Ed25519 private key that seals the log of predictions: PEM, or 64 hexadecimal digits. "
        "Unset: made once and kept under `instance/`.",
    )
    seal_every: int = Field(3600, ge=0, description="Seconds from one seal of the log to the next. 0: only on command.")
    seal_to: str | None = Field(
        None,
        description="Where the head of each seal is also written, out of the database's reach: a file, an http(s) "
        "address that takes it by POST, or `log`.",
    )
    standalone: bool = Field(
        True,
        description="Make what is unset (a PostgreSQL, the keys) under `instance/`. "
        "The container sets it to false and so refuses to start without them.",
    )
    instance_dir: Folder = Field(ROOT / "instance", description="Where the embedded PostgreSQL and the keys live.")
    spool_dir: Folder | None = Field(
        None,
        description="Where records wait while PostgreSQL is out of reach: a folder on a disk that lasts, "
        "for one service alone. Unset: `spool/` in `INSTANCE_DIR`.",
    )
    models_dir: Folder = Field(ROOT / "models", description="Where the Joblib files lie.")
    trusted_types: Names = Field(
        (),
        description="Names beyond the list of allowed types that Joblib files may use, such as "
        "`shop.features.Recency`, separated by commas. Their own code runs when they are loaded.",
    )
    allow_version_mismatch: Names = Field(
        (),
        description="Models that are served although another minor version of scikit-learn made them, "
        "separated by commas.",
    )
    redact: Names = Field(
        (),
        description="Inputs, of whichever model, of which nothing is kept on record, separated by commas. "
        "A card names those of its own model.",
    )
    default_model: str | None = Field(
        None,
        description="The model that `/invocations` and `/ping` mean. Unset: the only one that is served.",
    )
    log_policy: Literal["spool", "required"] = Field(
        "spool",
        description="What happens while PostgreSQL can't be reached: `spool` keeps predictions in SPOOL_DIR until "
        "it can, `required` answers 503.",
    )
    max_batch_size: int = Field(
        64,
        ge=1,
        le=100_000,
        description="The most instances that are predicted together, of requests that arrive at the same time. "
        "One request may hold 16 times as many.",
    )
    max_queue: int = Field(
        16384,
        ge=1,
        description="The most instances that may wait for one model in one worker; whoever comes then is sent away "
        "with 503 at once.",
    )
    request_timeout: float = Field(
        30.0, gt=0, le=3600, description="The seconds that a request waits for its model before it is answered 503."
    )
    max_content_length: int = Field(2 * 1024 * 1024, ge=1024, description="The largest request body, in bytes.")
    auth: Literal["none", "login", "proxy"] = Field(
        "none",
        description="Who may ask: `none`, everybody who can reach it, only while HOST is a loopback address; `login`, "
        "users with a password and scripts with a key; `proxy`, whoever a trusted proxy names, and scripts with a key.",
    )
    auth_proxy_header: str = Field(
        "X-Remote-User", pattern=r"^[A-Za-z0-9-]+$", description="With AUTH=proxy, the header that names who asks."
    )
    auth_proxy_addresses: Names = Field(
        ("127.0.0.1", "::1"),
        description="The addresses that may send that header, separated by commas; from any other it is refused.",
    )
    auth_proxy_role: Literal["none", "predict", "review", "admin"] = Field(
        "predict",
        description="The role, for all models, of whoever the proxy names, who is no user of `flask users` and whom "
        "nobody gave a role; `none` lets only those in who were given one.",
    )
    session_idle: float = Field(
        60, gt=0, description="The minutes without a request after which somebody has to log in again."
    )
    session_lifetime: float = Field(12, gt=0, description="The hours after which somebody has to log in again.")
    rate_limit: int = Field(
        0,
        ge=0,
        description="The most requests in a minute from one user, key or address, over all workers; more are answered "
        "429. Logging in and probes are not counted, and nothing is while PostgreSQL is out of reach. 0: any number.",
    )
    proxy_hops: int = Field(
        0,
        ge=0,
        le=10,
        description="How many reverse proxies stand in front, exactly. 0: trust no X-Forwarded-*.",
    )
    trusted_hosts: Names | None = Field(
        None,
        description="The host names to answer to, separated by commas. Unset: all; with AUTH=none, those of the "
        "loopback address.",
    )
    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(8000, ge=1, le=65535, description="The port to listen on.")
    web_concurrency: int = Field(2, ge=1, le=256, description="The number of worker processes.")
    threads: int = Field(16, ge=1, le=1024, description="The number of threads in each worker.")
    log_format: Literal["text", "json"] = Field(
        "text",
        description="How the service writes about itself: `text` for people, `json` for one JSON object on each line.",
    )
    access_log: bool = Field(
        False, description="Write a line for each request: its route, never its path, its query or what it holds."
    )
    otel_exporter_otlp_endpoint: str | None = Field(
        None,
        pattern=r"^https?://",
        description="Where to send traces: the address of an OpenTelemetry collector that takes OTLP over HTTP. "
        "Unset: there are none.",
    )

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings from environment variables.

        Raises
        ------
        SettingsError
            With one sentence for each setting that is wrong; the value itself is not repeated.
        """
        values = {name: _read(name.upper(), environ) for name in cls.model_fields}
        try:
            return cls.model_validate({name: value for name, value in values.items() if value})
        except ValidationError as error:
            problems = [f"{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}." for e in error.errors()]
            raise SettingsError(" ".join(problems)) from None

    @model_validator(mode="after")
    def _is_closed(self) -> Settings:
        if self.auth == "none" and self.host not in LOOPBACK:
            raise PydanticCustomError(
                "auth", "AUTH=none is only for a loopback HOST such as 127.0.0.1. Choose login or proxy"
            )
        return self

    @property
    def hosts(self) -> list[str] | None:
        """The host names to answer to; None for all."""
        if self.trusted_hosts:
            # Probes on the machine itself use its own address.
            return [*self.trusted_hosts, "127.0.0.1"]
        # Where nobody logs in, a page of another site could else pass for this one under a name of its own.
        return [*LOOPBACK_NAMES] if self.auth == "none" else None

    @property
    def max_instances(self) -> int:
        """The largest number of instances in one request."""
        return self.max_batch_size * 16

    @property
    def embeds_postgres(self) -> bool:
        """Whether PostgreSQL is started here."""
        return self.standalone and not self.database_url

    @property
    def spool_folder(self) -> Path:
        """Where the spool is."""
        return self.spool_dir or self.instance_dir / "spool"

    def signing_key(self) -> str:
        """Give the secret key, made and kept on first use where that is allowed."""
        return self.secret_key or self._kept("secret_key")

    def sealing_secret(self) -> str | None:
        """Give the key that seals the log, made and kept on first use; None where there need not be one."""
        if self.sealing_key or (not self.standalone and not self.seal_every):
            return self.sealing_key
        return self._kept("sealing_key")

    def _kept(self, name: str) -> str:
        if not self.standalone:
            raise SettingsError(f"{name.upper()}: Set it to a long random value.")
        path = self.instance_dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=path.parent) as made:
            made.write(secrets.token_hex(32))
            made.flush()
            # A link appears whole or not at all, so workers that start together agree on one key.
            with suppress(FileExistsError):
                os.link(made.name, path)
        return path.read_text()


def _read(name: str, environ: Mapping[str, str]) -> str | None:
    if path := environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text().strip()
        except OSError as error:
            raise SettingsError(f"{name}_FILE: {path} can't be read ({error.strerror}).") from None
    return environ.get(name)
