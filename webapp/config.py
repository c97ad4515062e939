"""The settings: each variable is declared once, with its type and description. An invalid one stops the start."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal

import psycopg
from psycopg.conninfo import conninfo_to_dict
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from webapp.durability import write_once
from webapp.errors import SettingsError
from webapp.regular_file import read_regular

VERSION = "0.1.0"
LOOPBACK_NAMES = ("127.0.0.1", "[::1]", "localhost")
#: What the service writes as a key. An editor may have ended the line.
GENERATED_KEY = re.compile(r"[0-9a-f]{64}\s*")
ROOT = Path(__file__).resolve().parent.parent


def _split(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _database_address(value: str) -> str:
    address = re.sub(r"^postgresql\+psycopg(?=://)", "postgresql", value)
    try:
        parts = conninfo_to_dict(address)
    except psycopg.Error:
        parts = {"dbname": "@"}
    ports = str(parts.get("port", "")).split(",")
    hosts = str(parts.get("host", "")).split(",")
    # With a “/” in the password, libpq takes what precedes it for a host and a port. SQLAlchemy's form for several
    # hosts has a port in each.
    if (
        "@" in str(parts.get("dbname", ""))
        or not all(port.isdigit() or not port for port in ports)
        or any(host.count(":") == 1 for host in hosts)
    ):
        raise PydanticCustomError(
            "address",
            "Write postgresql://user:password@host/database; in a password, write / as %2F, @ as %40 and % as %25",
        )
    return address


def _address(host: str) -> str:
    """Return an IP address in its usual form, without the brackets that it has in a URL, and a name as it is."""
    try:
        return str(ip_address(host.removeprefix("[").removesuffix("]")))
    except ValueError:
        return host.lower()


def _folder(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:
        # Python up to 3.12 raises the second for links that lead in a circle.
        raise PydanticCustomError("folder", getattr(error, "strerror", None) or "Its links lead in a circle") from None


DatabaseAddress = Annotated[str, AfterValidator(_database_address)]
Names = Annotated[tuple[str, ...], BeforeValidator(_split)]
Addresses = Annotated[Names, AfterValidator(lambda names: tuple(map(_address, names)))]
Folder = Annotated[Path, AfterValidator(_folder)]
Host = Annotated[str, AfterValidator(_address)]
# A network folder may not answer, so the path is not followed here.
NetworkFolder = Annotated[Path, AfterValidator(lambda path: Path(os.path.abspath(path)))]  # noqa: PTH100

# A shell leaves the tilde of MODEL=~/churn.pkl as it is.
HomePath = Annotated[Path, AfterValidator(lambda path: Path(os.path.expanduser(path)))]  # noqa: PTH111


class Settings(BaseModel):
    """The settings from the environment: each as ``NAME`` or, read from a file, as ``NAME_FILE``."""

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
    models_dir: NetworkFolder = Field(ROOT / "models", description="The folder with the files of the models.")
    first_model: HomePath | None = Field(
        None,
        description="A file that is published when the service starts, unless it was before. `make run MODEL=FILE` "
        "sets it, and opens its form.",
    )
    uploads: bool = Field(
        False,
        description="Whether administrators of all models can publish files on the first page. The models folder must "
        "be writable then.",
    )
    max_upload: int = Field(
        512 * 1024 * 1024, ge=1024, description="The maximum bytes of a file that is published on the first page."
    )
    trusted_types: Names = Field(
        (),
        description="Types and functions that Joblib files may use beyond the list of allowed types, such as "
        "`shop.features.Recency`, separated by commas. Their own code runs when they are loaded.",
    )
    cells: str = Field(
        "",
        pattern=r"^\d{0,4}( ?unlocked)?$",
        description="How many calls of one model may be computed at the same time, each in a process of its own. "
        "Unset: as many as there are processors. With the word `unlocked`, alone or after the number, models also run "
        "where the kernel can't lock their processes, and a hostile file could do harm.",
    )
    max_cells: int = Field(
        8,
        ge=1,
        le=10_000,
        description="How many processes of models live at the same time, in each environment and without one. The one "
        "that was not needed for the longest time is ended for another, and started again when it is needed.",
    )
    redact: Names = Field(
        (),
        description="Inputs, of any model, whose values are not recorded, separated by commas. "
        "A card names those of its own model.",
    )
    default_model: str | None = Field(
        None,
        description="The model that `/invocations` and `/ping` use. Unset: the only one that is served.",
    )
    log_policy: Literal["spool", "required"] = Field(
        "spool",
        description="What happens while PostgreSQL can't be reached: `spool` keeps records in SPOOL_DIR until "
        "it is back, `required` answers 503.",
    )
    unready_after: int = Field(
        3600,
        ge=0,
        description="After how many seconds in which something is wrong, although predictions are made and recorded, "
        "`/readyz` answers 503, so that other hosts are asked. 0: never.",
    )
    max_batch_size: int = Field(
        64,
        ge=1,
        le=100_000,
        description="The maximum number of instances, from requests that arrive at the same time, that are predicted "
        "together. One request may contain 16 times as many.",
    )
    max_queue: int = Field(
        16384,
        ge=1,
        description="The maximum number of instances that may wait for one model in one worker; further requests are "
        "refused with 503 at once.",
    )
    request_timeout: float = Field(
        30.0, gt=0, le=3600, description="How many seconds a request waits for its model before it is answered 503."
    )
    max_content_length: int = Field(2 * 1024 * 1024, ge=1024, description="The maximum bytes of a request body.")
    auth: Literal["none", "login", "proxy"] = Field(
        "none",
        description="Authentication: `none` (anybody who can reach the service; only while HOST is a loopback "
        "address), `login` (users with a password, and scripts with an API key) or `proxy` (users whom a trusted "
        "proxy names, and scripts with an API key).",
    )
    auth_proxy_header: str = Field(
        "X-Remote-User", pattern=r"^[A-Za-z0-9-]+$", description="With AUTH=proxy, the header that names the user."
    )
    auth_proxy_addresses: Addresses = Field(
        ("127.0.0.1", "::1"),
        description="The addresses of the proxies that may send that header, separated by commas; others are refused.",
    )
    auth_proxy_role: Literal["none", "predict", "review", "admin"] = Field(
        "predict",
        description="The role, for all models, of users whom the proxy names and who have neither an account nor a "
        "role from `flask users`; `none` admits only users with a role.",
    )
    session_idle: float = Field(
        60, gt=0, description="After how many minutes without a request a user has to log in again."
    )
    session_lifetime: float = Field(12, gt=0, description="After how many hours a user has to log in again.")
    rate_limit: int = Field(
        0,
        ge=0,
        description="The maximum number of requests a minute from one user, key or address, over all workers; more "
        "are answered 429. Logins and probes are not counted, and nothing is while PostgreSQL can't be reached. "
        "0: no limit.",
    )
    proxy_hops: int = Field(
        0,
        ge=0,
        le=10,
        description="The exact number of reverse proxies in front of the service. 0: trust no X-Forwarded-*.",
    )
    trusted_hosts: Names | None = Field(
        None,
        description="The host names that the service answers to, separated by commas. Unset: all; with AUTH=none, "
        "those of the loopback address.",
    )
    host: Host = Field("127.0.0.1", description="The address to listen on; `::` for all, IPv4 included.")
    port: int = Field(8000, ge=1, le=65535, description="The port to listen on.")
    web_concurrency: int = Field(2, ge=1, le=256, description="The number of worker processes.")
    threads: int = Field(16, ge=1, le=1024, description="The number of threads in each worker.")
    log_format: Literal["text", "json"] = Field(
        "text",
        description="The format of the service's own log: `text` for people, `json` for one JSON object on each line.",
    )
    access_log: bool = Field(
        False, description="Log a line for each request: its route, but not its path, its query or its body."
    )
    otel_exporter_otlp_endpoint: str | None = Field(
        None,
        pattern=r"^https?://",
        description="The address of the OpenTelemetry collector that receives traces as OTLP over HTTP. "
        "Unset: no traces.",
    )

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings from environment variables.

        Raises
        ------
        SettingsError
            With one sentence for each invalid setting; the value itself is not repeated.
        """
        values = {name: read_variable(name.upper(), environ) for name in cls.model_fields}
        try:
            return cls.model_validate({name: value for name, value in values.items() if value})
        except ValidationError as error:
            problems = [f"{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}." for e in error.errors()]
            raise SettingsError(" ".join(problems)) from None

    @model_validator(mode="after")
    def _is_closed(self) -> Settings:
        if self.auth == "none" and not self._is_loopback:
            raise PydanticCustomError(
                "auth", "AUTH=none is only allowed with a loopback HOST such as 127.0.0.1. Choose login or proxy"
            )
        return self

    @property
    def _is_loopback(self) -> bool:
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def address(self) -> str:
        """The address and the port to listen on, as in a URL."""
        return f"{self._host_in_url}:{self.port}"

    @property
    def _host_in_url(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def hosts(self) -> list[str] | None:
        """The host names that the service answers to; None for all."""
        if self.trusted_hosts:
            # Probes on the machine itself use its own address.
            return [*self.trusted_hosts, "127.0.0.1", "[::1]"]
        # Without a login, another site could point its own name at this address and read answers (DNS rebinding).
        return [*LOOPBACK_NAMES, self._host_in_url] if self.auth == "none" else None

    @property
    def max_instances(self) -> int:
        """The maximum number of instances in one request."""
        return self.max_batch_size * 16

    @property
    def cells_per_model(self) -> int:
        """How many calls of one model may be computed at the same time."""
        number = self.cells.removesuffix("unlocked").strip()
        return max(1, int(number)) if number else os.cpu_count() or 1

    @property
    def may_be_unlocked(self) -> bool:
        """Whether models may run in processes that the kernel can't lock."""
        return self.cells.endswith("unlocked")

    @property
    def embeds_postgres(self) -> bool:
        """Whether the service starts a PostgreSQL of its own."""
        return self.standalone and not self.database_url

    @property
    def spool_folder(self) -> Path:
        """The folder of the spool."""
        return self.spool_dir or self.instance_dir / "spool"

    @property
    def known_folder(self) -> Path:
        """The folder of what is known of models."""
        return self.known_dir or self.instance_dir / "known"

    @property
    def environments_folder(self) -> Path:
        """The folder of the environments for models that need other libraries."""
        return self.environments_dir or self.instance_dir / "environments"

    def signing_key(self) -> str:
        """Return the secret key; where it is unset and STANDALONE allows it, generate it once and keep it."""
        return self.secret_key or self._generated("secret_key")

    def sealing_secret(self) -> str | None:
        """Return the key that signs seals, generated once as the secret key is; None where none is needed."""
        if self.sealing_key or (not self.standalone and not self.seal_every):
            return self.sealing_key
        return self._generated("sealing_key")

    def _generated(self, name: str) -> str:
        if not self.standalone:
            raise SettingsError(f"{name.upper()}: Set it to a long random value.")
        path = self.instance_dir / name
        if not path.exists():
            write_once(path, secrets.token_hex(32))
        key = read_regular(path).decode(errors="replace")
        if not GENERATED_KEY.fullmatch(key):
            raise SettingsError(
                f"{path} does not hold the whole key that was written there; perhaps the power failed. Restore it from "
                "a backup. If nothing was recorded with it yet, remove it, and a new one is made. "
                f"A key of your own belongs in {name.upper()} or {name.upper()}_FILE."
            )
        return key


def read_variable(name: str, environ: Mapping[str, str] = os.environ) -> str | None:
    """Return a variable of the environment, or what is in the file that ``NAME_FILE`` names; None if both are unset.

    Raises
    ------
    SettingsError
        If the file can't be read, or is empty.
    """
    path = environ.get(f"{name}_FILE")
    if not path:
        return environ.get(name)
    try:
        value = read_regular(Path(path)).decode().strip()
    except OSError as error:
        raise SettingsError(f"{name}_FILE: {path} can't be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{name}_FILE: {path} is not text.") from None
    if not value:
        raise SettingsError(f"{name}_FILE: {path} is empty. Restore it, or unset {name}_FILE.")
    return value
