"""How a row becomes a hash; an outsider can do the same with any SM3 implementation."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives import hashes

GENESIS = bytes(32)


def canonical(fields: Mapping[str, Any]) -> bytes:
    """Return the bytes that are hashed: JSON with sorted keys, no spaces, UTF-8, moments as ISO 8601 in UTC."""
    return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain).encode()


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def chain_hash(previous: bytes, content: bytes) -> bytes:
    """Return SM3(previous ‖ content), 32 bytes."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(previous)
    digest.update(content)
    return digest.finalize()
