"""Identifiers: ``id`` inside, ``uuid`` outside, ``number`` for people."""

import secrets
import uuid


def new_uuid() -> uuid.UUID:
    return uuid.uuid4()


def new_trace_id() -> str:
    """Return the 编号 a user reads to support: 12 characters without look-alikes."""
    return "".join(secrets.choice("23456789ABCDEFGHJKMNPQRSTVWXYZ") for _ in range(12))
