"""Addresses that are secrets themselves: whoever has one may read what is there.

The database holds the token of such an address as a digest, by which it is looked up, and encrypted, so that its owner
can be shown it again. Logs do not hold it at all.
"""

import hashlib
import re
import secrets

from cryptography.fernet import InvalidToken

from .encryption import fernet

_SECRET = re.compile(
    r"(?<!/favorites)((?:/|%2F)(?:lists|calendars|unsubscribe|reset/key)(?:/|%2F))(?:[\w:-]|\.(?!ics\b))+",
    re.IGNORECASE,
)
_PURPOSE = "secret address"


def new_token() -> str:
    """192 random bits that fit into an address: nobody guesses them."""
    return secrets.token_urlsafe(24)


def digest(token: str) -> str:
    """What `token` is looked up by."""
    return hashlib.sha256(token.encode()).hexdigest()


def encrypt(token: str) -> str:
    return fernet(_PURPOSE).encrypt(token.encode()).decode()


def decrypt(encrypted: str) -> str:
    """The token; "" where SECRET_KEY has changed since (and is no fallback): the address still works."""
    try:
        return fernet(_PURPOSE).decrypt(encrypted.encode()).decode()
    except InvalidToken:
        return ""


def without_secrets(text: str) -> str:
    """`text` as logs may hold it: "/lists/…/" for every secret address in it."""
    return _SECRET.sub(r"\1…", text)
