"""One sealed value: ``1s.<key id>.<base64 of nonce, ciphertext and tag>``.

The head names format, cipher and key; it and the place the value stands in (table, field, row) are authenticated
with the value, so that none of them can be exchanged.
"""

import base64
import binascii
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher as Primitive
from cryptography.hazmat.primitives.ciphers import algorithms, modes

from finmart.kit.crypto.keyring import Cipher, Key, Purpose, find, ring

NONCE, TAG = 12, 16
HEADS = {Cipher.SM4_GCM: "1s", Cipher.AES_256_GCM: "1a"}


class SealBroken(RuntimeError):
    """A sealed value is not what was sealed in this place; the message names the place, never the value."""


def seal(text: str, place: str) -> str:
    """Return the text sealed for a place (``parties.person.phone|<row>``) by the current key."""
    key = ring().current(Purpose.FIELDS)
    head = f"{HEADS[Cipher(key.algorithm)]}.{key.id}"
    nonce = secrets.token_bytes(NONCE)
    about, plain = f"{head}|{place}".encode(), text.encode()
    if key.algorithm == Cipher.AES_256_GCM:
        content = key.aes.encrypt(nonce, plain, about)
    else:
        made = Primitive(algorithms.SM4(key.secret), modes.GCM(nonce)).encryptor()
        made.authenticate_additional_data(about)
        content = made.update(plain) + made.finalize() + made.tag
    return f"{head}.{base64.urlsafe_b64encode(nonce + content).decode()}"


def open_sealed(sealed: str, place: str) -> str:
    """Return the text. Raises SealBroken where it was altered, moved here or never sealed, or its key is gone."""
    head, _, body = sealed.rpartition(".")
    mark, _, key_id = head.partition(".")
    if not key_id or mark not in HEADS.values():
        raise SealBroken(f"{_named(place)} 不是加密值：可能被篡改，或升级时没有加密")
    key = find(key_id)
    if key is None:
        raise SealBroken(f"{_named(place)} 由密钥 {key_id} 加密，而密钥文件中没有它：请从备份恢复该密钥")
    if HEADS.get(Cipher(key.algorithm)) != mark:
        raise _altered(place)
    try:
        content = base64.urlsafe_b64decode(body)
        return _opened(key, content, f"{head}|{place}".encode()).decode()
    except (binascii.Error, InvalidTag, ValueError) as error:
        raise _altered(place) from error


def key_of(sealed: str) -> str:
    """Return the id of the key a value was sealed with, empty where it is not sealed."""
    parts = sealed.split(".")
    return parts[1] if len(parts) == 3 and parts[0] in HEADS.values() else ""


def _opened(key: Key, content: bytes, about: bytes) -> bytes:
    nonce, sealed = content[:NONCE], content[NONCE:]
    if len(sealed) < TAG:
        raise InvalidTag
    if key.algorithm == Cipher.AES_256_GCM:
        return key.aes.decrypt(nonce, sealed, about)
    made = Primitive(algorithms.SM4(key.secret), modes.GCM(nonce, sealed[-TAG:])).decryptor()
    made.authenticate_additional_data(about)
    return made.update(sealed[:-TAG]) + made.finalize()


def _altered(place: str) -> SealBroken:
    return SealBroken(f"{_named(place)} 的加密值已被篡改，或不属于这一行：未予读出")


def _named(place: str) -> str:
    field, _, row = place.partition("|")
    return f"{field}（{row}）" if row else field
