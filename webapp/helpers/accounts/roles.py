"""Who may do what: roles, for one model or for all, and what they let somebody do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Role(IntEnum):
    """What somebody may do; each role may do what those before it may."""

    PREDICT = 1
    REVIEW = 2
    ADMIN = 3

    @classmethod
    def named(cls, name: str) -> Role:
        """Give the role of a name.

        Raises
        ------
        ValueError
        """
        try:
            return cls[name.upper()]
        except KeyError:
            raise ValueError(f"A role is one of {', '.join(ROLE_NAMES)}.") from None

    @property
    def word(self) -> str:
        """The role as people write it."""
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
    """Who asks: a person, a script with a key, or nobody in particular."""

    #: What stands in the log; None where nobody has to say who they are.
    name: str | None
    grants: tuple[Grant, ...] = ()

    def may(self, role: Role, model: str | None = None) -> bool:
        """Tell whether a role is theirs, for a model or, where none is named, for at least one."""
        return any(
            grant.role >= role and (model is None or grant.model is None or grant.model == model)
            for grant in self.grants
        )

    def may_all(self, role: Role) -> bool:
        """Tell whether a role is theirs for all models."""
        return any(grant.role >= role and grant.model is None for grant in self.grants)

    @property
    def scope(self) -> Scope | None:
        """Which records they may see; None for all."""
        if self.may_all(Role.REVIEW):
            return None
        reviewed = tuple(sorted({grant.model for grant in self.grants if grant.role >= Role.REVIEW and grant.model}))
        return Scope(models=reviewed, actor=self.name)


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Records of these models, and whatever this actor asked."""

    models: tuple[str, ...] = ()
    actor: str | None = None

    def holds(self, model: str, actor: str | None) -> bool:
        """Tell whether a record is among them."""
        return model in self.models or (actor is not None and actor == self.actor)


#: Everything, for whoever works on the machine itself where no login is set.
ANYBODY = Principal(name=None, grants=(Grant(role=Role.ADMIN),))
NOBODY = Principal(name=None)
