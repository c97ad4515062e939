"""The settings of who may use the service, where it listens, and what it tells its operator."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from webapp.config.field_types import Addresses, Host, Names, Origins
from webapp.config.prediction import PredictionSettings


class AccessSettings(PredictionSettings):
    """Who may use the service, and at which address."""

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
    cors_origins: Origins = Field(
        (),
        description="The origins, such as `https://ward.example`, whose pages may call the addresses for scripts from "
        "a browser (CORS), separated by commas; no `*`, and never with cookies.",
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
