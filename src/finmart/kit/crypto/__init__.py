"""Values that are kept sealed: a file of keys outside the database, authenticated envelopes, fields that use both."""

from finmart.kit.crypto.envelope import SealBroken, open_sealed, seal
from finmart.kit.crypto.fields import (
    BlindIndex,
    EncryptedJSON,
    EncryptedText,
    KeyedDigest,
    Sealed,
    blind_digests,
    digests,
    opened,
)
from finmart.kit.crypto.keyring import Key, Keyring, KeysUnavailable, Purpose, ring

__all__ = [
    "BlindIndex",
    "EncryptedJSON",
    "EncryptedText",
    "Key",
    "KeyedDigest",
    "Keyring",
    "KeysUnavailable",
    "Purpose",
    "SealBroken",
    "Sealed",
    "blind_digests",
    "digests",
    "open_sealed",
    "opened",
    "ring",
    "seal",
]
