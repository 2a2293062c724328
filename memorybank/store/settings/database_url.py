"""The address of a database, a URL or `key=value` words of libpq: whether it has a password, and without it."""

from __future__ import annotations

import re

from memorybank.patterns import later

_SCHEMES = ("postgresql://", "postgres://")
_SECRET = ("password", "sslpassword", "oauth_client_secret")
_USER = later(r"(\w+://[^/?#@]*?):[^/?#]*@")
_WORD = later(rf"(?i)(?<!\w)(?:{'|'.join(_SECRET)})\s*=\s*(?:'(?:[^'\\]|\\.)*'?|[^\s&#]*)")
MASK = "***"
URL = "sync.postgres_url"
# where a password may be: a hint, not one itself
LOGIN_PLACES = "put the password into ~/.pgpass, a service of pg_service.conf, or the variable MEMORYBANK_POSTGRES_URL"


def check_form(text: str) -> None:
    """Refuse what is no address of a database.

    Raises:
        ValueError: it is something else; the text completes a sentence.
    """
    if not text.startswith(_SCHEMES) and not re.match(r"\w+\s*=", text):
        raise ValueError("must be an address such as postgresql://USER@HOST/DATABASE")


def check_url(text: str) -> None:
    """Refuse what cannot be in a file of settings: others read it, and a committed one is never forgotten.

    Raises:
        ValueError: it is no address of a database, or has a password; the text completes a sentence.
    """
    check_form(text)
    if has_password(text):
        raise ValueError("must be without the password")


def has_password(text: str) -> bool:
    """Return whether the address has a password in it."""
    return without_password(text) != text


def without_password(text: str) -> str:
    """Return the address with `***` in the place of each password."""
    if text.startswith(_SCHEMES):
        # an @ in a password must be written as %40; one that was not is masked as well, up to the last one
        text = _USER.sub(rf"\1:{MASK}@", text, count=1)
    return _WORD.sub(lambda found: f"{found[0].partition('=')[0]}={MASK}", text)
