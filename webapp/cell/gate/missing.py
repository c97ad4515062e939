"""What to say of a name that the operator trusts and that can't be found."""

from __future__ import annotations


def why_missing(module: str, name: str, error: Exception) -> str:
    """Return why a trusted name can't be found, and what to do; the error is from looking for it."""
    needed = f"It needs {module}.{name}, which TRUSTED_TYPES allows"
    if isinstance(error, ModuleNotFoundError) and error.name and f"{module}.".startswith(f"{error.name}."):
        return (
            f"{needed}, but there is no module {error.name} here. Install it where Scoredesk runs, or put its folder "
            "into PYTHONPATH and start Scoredesk again."
        )
    if isinstance(error, AttributeError) and not isinstance(error, ImportError):
        return f"{needed}, but the module {module} here has no {name}. Install the code that the model was dumped with."
    lacking = f" lacks {error.name}" if isinstance(error, ModuleNotFoundError) and error.name else " fails"
    return f"{needed}, but importing {module} here{lacking} ({type(error).__name__}). Import it here, and mend it."
