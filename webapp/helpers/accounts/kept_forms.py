"""Keeps what was filled into a form inside a page, encrypted, while its user logs in again."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken

from webapp.helpers.sealing.derived_keys import derive_key

#: For how many hours a page with a kept form can be used.
KEPT_HOURS = 12


@dataclass(frozen=True, kw_only=True)
class KeptForm:
    """A form as it was filled in."""

    #: The model whose form it is.
    model: str
    #: The id of the prediction to compare with; empty without one.
    beside: str
    #: The user who filled it in, whose session has ended; empty if that is not known.
    user: str
    #: The names and values of its fields.
    fields: tuple[tuple[str, str], ...]


class KeptForms:
    """Writes a form as text that nobody else can read, change or make up, and reads it again."""

    def __init__(self, secret: str) -> None:
        self._fernet = Fernet(urlsafe_b64encode(derive_key("forms kept over a login", secret)))

    def write(self, form: KeptForm) -> str:
        """Encrypt a form, with the time."""
        text = json.dumps([form.model, form.beside, form.user, form.fields])
        return self._fernet.encrypt(text.encode()).decode()

    def read(self, text: str) -> KeptForm | None:
        """Return the form; None if the text is too old, or was not written with this secret key."""
        try:
            model, beside, user, fields = json.loads(self._fernet.decrypt(text.encode(), ttl=KEPT_HOURS * 3600))
        except InvalidToken:
            return None
        fields = tuple((name, value) for name, value in fields)
        return KeptForm(model=model, beside=beside, user=user, fields=fields)
