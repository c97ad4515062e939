"""Events of the audit log in words."""

from __future__ import annotations

from collections.abc import Mapping

#: What was changed of a user, by the detail ``what`` of the event.
CHANGES = {
    "password": "changed the password of {user}",  # nosec B105  # words for the audit log
    "password by link": "chose a password with a link",
    "link": "made a link with which {user} can choose a password",
    "disabled": "disabled the user {user}",
    "enabled": "enabled the user {user}",
}


def event_words(action: str, subject: str, details: Mapping[str, object]) -> str:
    """Return what was done, as a person would say it; who did it stands beside it."""
    if action == "changed a user":
        return _change(subject, details)
    if action == "created a user":
        link = ", who chooses a password with a link" if details.get("what") == "link" else ""
        return f"created the user {subject}, with the role {_role(details)}{link}"
    words = f"{action}: {subject}" if subject else action
    # A mapping is the evidence of a proof, which says nothing to people.
    kept = [(name, value) for name, value in details.items() if value is not None and not isinstance(value, Mapping)]
    return "; ".join([words, *(f"{name} {_value(value)}" for name, value in kept)])


def _change(user: str, details: Mapping[str, object]) -> str:
    if what := details.get("what"):
        return CHANGES.get(str(what), f"changed the user {{user}}: {what}").format(user=user)
    if details.get("role") is None:
        return f"took away the role of {user} for {_models(details)}"
    return f"gave {user} the role {_role(details)}"


def _role(details: Mapping[str, object]) -> str:
    return f"{details.get('role')} for {_models(details)}"


def _models(details: Mapping[str, object]) -> str:
    return str(details.get("model") or "all models")


def _value(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
