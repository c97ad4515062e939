"""Errors of users, API keys, logins and permissions, and of the audit log."""

from __future__ import annotations

from webapp.errors.base import ScoredeskError, Unavailable


class LoginNeeded(ScoredeskError):
    """Authentication is needed: send an API key as “Authorization: Bearer sd_…”."""

    status = 401


class LoginRefused(ScoredeskError):
    """Wrong name or password."""

    status = 401


class NotAllowed(ScoredeskError):
    """Your role doesn't allow this. An administrator can give you another one."""

    status = 403


class ForeignOrigin(ScoredeskError):
    """This request came from a page of another website, so it was refused."""

    status = 403


class ProxyNotTrusted(ScoredeskError):
    """The header with the user's name came from an address that is not a trusted proxy."""

    status = 403


class TooManyAttempts(ScoredeskError):
    """Too many attempts. Please try again later."""

    status = 429

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        minutes = -(-retry_after // 60)
        when = f"{minutes} minutes" if minutes > 1 else "a minute"
        super().__init__(f"Too many attempts. Please try again in {when}.")


class LoginsBusy(Unavailable):
    """Many people are logging in right now. Please try again in a moment."""

    retry_after = 2


class PasswordRefused(ScoredeskError):
    """This password is too easy to guess."""

    status = 422


class AccountInvalid(ScoredeskError):
    """This is not a valid name for a user, an API key or a role."""

    status = 422


class LastAdmin(ScoredeskError):
    """Nobody could administer Scoredesk after this. First make another user an admin of all models."""

    status = 409


class LinkExpired(ScoredeskError):
    """This link is not valid any more. Ask an administrator for a new one."""

    status = 410


class AccountsUnavailable(Unavailable):
    """The database of users and API keys can't be reached. Please try again in a moment."""


class AuditUnavailable(Unavailable):
    """The database of the audit log can't be reached. Please try again in a moment."""
