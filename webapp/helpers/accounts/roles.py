"""Roles, for one model or for all, and what they allow a principal to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Role(IntEnum):
    """What a principal may do; each role includes the roles before it."""

    PREDICT = 1
    REVIEW = 2
    ADMIN = 3

    @classmethod
    def named(cls, name: str) -> Role:
        """Return the role with this name.

        Raises
        ------
        ValueError
        """
        try:
            return cls[name.upper()]
        except KeyError:
            raise ValueError(f"The role must be one of {', '.join(ROLE_NAMES)}.") from None

    @property
    def word(self) -> str:
        """The role in lower case, as people write it."""
        return self.name.lower()


ROLE_NAMES = tuple(role.word for role in Role)


@dataclass(frozen=True, kw_only=True)
class Grant:
    """A role, for one model or for all."""

    role: Role
    model: str | None = None

    def __str__(self) -> str:
        return f"{self.role.word}: {self.model or 'all models'}"


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Who sends a request: a person, a script with an API key, or an unknown client."""

    #: The name that records and audit events keep; None without authentication.
    name: str | None
    grants: tuple[Grant, ...] = ()

    def may(self, role: Role, model: str | None = None) -> bool:
        """Return whether the principal has a role for this model or, without a model, for at least one."""
        return any(
            grant.role >= role and (model is None or grant.model is None or grant.model == model)
            for grant in self.grants
        )

    def may_all(self, role: Role) -> bool:
        """Return whether the principal has a role for all models."""
        return any(grant.role >= role and grant.model is None for grant in self.grants)

    @property
    def scope(self) -> Scope | None:
        """Which records the principal may see; None for all."""
        if self.may_all(Role.REVIEW):
            return None
        reviewed = tuple(sorted({grant.model for grant in self.grants if grant.role >= Role.REVIEW and grant.model}))
        return Scope(models=reviewed, actor=self.name)


@dataclass(frozen=True, kw_only=True)
class Scope:
    """The records of these models, and those of this actor's own predictions."""

    models: tuple[str, ...] = ()
    actor: str | None = None

    def holds(self, model: str, actor: str | None) -> bool:
        """Return whether a record with this model and actor is in the scope."""
        return model in self.models or (actor is not None and actor == self.actor)


#: May do everything: any client on the machine itself, where AUTH=none is set.
UNRESTRICTED = Principal(name=None, grants=(Grant(role=Role.ADMIN),))
#: May do nothing: a client that has not authenticated.
ANONYMOUS = Principal(name=None)
