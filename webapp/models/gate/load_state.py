"""What a load has made so far, and what of it can still change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from webapp.errors import ArtifactRefused
from webapp.models.gate import object_rules
from webapp.models.gate.state_rules import content_rule, own_code_rule


@dataclass(eq=False)
class Name:
    """A granted name that may be called or made an instance of, but is no value."""

    key: tuple[str, str]
    target: Any


class LoadState:
    """What a file has made so far."""

    def __init__(self) -> None:
        #: The names that were granted as values, by the identity of what they stand for.
        self.named: dict[int, Name] = {}
        #: What was made and has no state yet, by identity. Only that may be given one, and only once,
        #: so that nothing changes after a rule has looked at it.
        self.pending: dict[int, Any] = {}
        #: What has its state.
        self.finished: list[Any] = []
        #: The arrays that hold arrays, with how deep they go.
        self.nested: dict[int, tuple[Any, int]] = {}

    def depth_of(self, array: Any) -> int:
        return self.nested[id(array)][1] if id(array) in self.nested else 0

    def require_sound(self) -> None:
        """Look at everything once more, now that nothing can change."""
        for made in self.pending.values():
            # An empty tree of nodes is a pointer to nothing.
            if own_code_rule(type(made)) or content_rule(type(made)):
                raise ArtifactRefused(f"It leaves a {type(made).__name__} unfinished.")
        for made in self.finished:
            rule = object_rules.object_rule(type(made))
            if rule is not None and not rule(vars(made)):
                raise ArtifactRefused(f"It holds a {type(made).__name__} whose parts do not agree with each other.")
