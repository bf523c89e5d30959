"""Requests signed with HMAC-SM3 over method, path, time, nonce and body."""

from cryptography.hazmat.primitives import constant_time, hashes, hmac

MOST_SECONDS_OFF = 300


def signature(secret: bytes, method: str, path: str, stamp: str, nonce: str, body: bytes) -> str:
    """Return the hex HMAC-SM3 (GB/T 32905) of a request; ``path`` includes the query."""
    keyed = hmac.HMAC(secret, hashes.SM3())
    keyed.update(f"{method}\n{path}\n{stamp}\n{nonce}\n".encode() + body)
    return keyed.finalize().hex()


def matches(given: str, expected: str) -> bool:
    """Compare two signatures in constant time."""
    return constant_time.bytes_eq(given.encode(), expected.encode())
