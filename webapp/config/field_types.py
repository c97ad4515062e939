"""The types of settings, each with the check of what a person wrote."""

from __future__ import annotations

import os
import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict
from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError


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


def _origin(text: str) -> str:
    """Return an origin as browsers send it: in small letters, without a path and without the port of its scheme."""
    origin = text.lower()
    try:
        parts = urlsplit(origin)
        is_exact = bool(parts.hostname) and parts.port != {"http": 80, "https": 443}[parts.scheme]
    except (KeyError, ValueError):
        is_exact = False
    if not is_exact or re.search(r"[*@\s]", origin) or origin != f"{parts.scheme}://{parts.netloc}":
        raise PydanticCustomError(
            "origin",
            "Write exact origins such as https://ward.example or http://ward.example:8080, with no path and no *",
        )
    return origin


def _folder(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:
        # Python up to 3.12 raises the second for links that lead in a circle.
        raise PydanticCustomError("folder", getattr(error, "strerror", None) or "Its links lead in a circle") from None


DatabaseAddress = Annotated[str, AfterValidator(_database_address)]
Names = Annotated[tuple[str, ...], BeforeValidator(_split)]
Addresses = Annotated[Names, AfterValidator(lambda names: tuple(map(_address, names)))]
Origins = Annotated[Names, AfterValidator(lambda names: tuple(map(_origin, names)))]
Folder = Annotated[Path, AfterValidator(_folder)]
Host = Annotated[str, AfterValidator(_address)]
# A network folder may not answer, so the path is not followed here.
NetworkFolder = Annotated[Path, AfterValidator(lambda path: Path(os.path.abspath(path)))]  # noqa: PTH100

# A shell leaves the tilde of MODEL=~/churn.pkl as it is.
HomePath = Annotated[Path, AfterValidator(lambda path: Path(os.path.expanduser(path)))]  # noqa: PTH111
