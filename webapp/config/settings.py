"""The settings of a service, with all that follows from them."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path

from pydantic import ValidationError, model_validator
from pydantic_core import PydanticCustomError

from webapp.config.access import AccessSettings
from webapp.config.variables import read_variable, variable_file
from webapp.durability import write_once
from webapp.errors import SettingsError
from webapp.regular_file import read_regular

LOOPBACK_NAMES = ("127.0.0.1", "[::1]", "localhost")
#: Settings that nobody else may read.
SECRETS = ("DATABASE_URL", "DATABASE_PASSWORD", "MAINTENANCE_DATABASE_URL", "SECRET_KEY", "SEALING_KEY")
#: What the service writes as a key. An editor may have ended the line.
GENERATED_KEY = re.compile(r"[0-9a-f]{64}\s*")


class Settings(AccessSettings):
    """The settings from the environment: each as ``NAME`` or, read from a file, as ``NAME_FILE``."""

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

    @property
    def key_files(self) -> list[Path]:
        """The files that hold keys, passwords or addresses with one: those that variables name, and generated ones."""
        generated = [self.instance_dir / key for key in ("secret_key", "sealing_key") if not getattr(self, key)]
        return [*filter(None, map(variable_file, SECRETS)), *(path for path in generated if path.exists())]

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
