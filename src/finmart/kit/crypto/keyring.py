"""The keys: a JSON file outside the database, readable by its owner alone, looked at again when it changes.

For each purpose one key is current (it writes), any number of older or newer ones only read. Where the file is, and
which cipher a new key is for, say the settings ``FINMART_KEYS_FILE`` and ``FINMART_FIELD_CIPHER``.
"""

import fcntl
import json
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from finmart.kit.codes import Code

FORMAT = 1
LOOK_AGAIN_SECONDS = 1.0  # how long a process may go on writing with a key that is no longer current


class KeysUnavailable(RuntimeError):
    """The keys are not there, not readable or not the right ones; the message is one sentence for an administrator."""


class Purpose(Code):
    """What a key is for. No key serves two purposes."""

    FIELDS = "FIELDS", "字段加密"
    INDEX = "INDEX", "盲索引"
    PSEUDONYMS = "PSEUDONYMS", "假名"


class Cipher(Code):
    """Authenticated ciphers for fields; the first is the national standard (GB/T 32907 in GCM)."""

    SM4_GCM = "SM4-GCM", "SM4-GCM"
    AES_256_GCM = "AES-256-GCM", "AES-256-GCM"


DIGEST = "HMAC-SM3"
SIZES = {Cipher.SM4_GCM: 16, Cipher.AES_256_GCM: 32}


@dataclass(frozen=True)
class Key:
    """One key. ``algorithm`` is a :class:`Cipher` for fields, else HMAC-SM3; ``is_current``: new values use it."""

    id: str
    purpose: str
    algorithm: str
    secret: bytes = field(repr=False)
    made_at: datetime
    is_current: bool
    read_since: datetime | None = None

    @cached_property
    def aes(self) -> AESGCM:
        return AESGCM(self.secret)

    def digest(self, message: bytes) -> bytes:
        """Return HMAC-SM3 of the message, 32 bytes."""
        made = hmac.HMAC(self.secret, hashes.SM3())
        made.update(message)
        return made.finalize()

    @property
    def check_value(self) -> str:
        """What tells this key from another of the same id, and nothing about it."""
        return self.digest(b"finmart key check")[:8].hex()


@dataclass(frozen=True)
class Keyring:
    """All keys of an installation."""

    keys: tuple[Key, ...]

    @cached_property
    def by_id(self) -> dict[str, Key]:
        return {one.id: one for one in self.keys}

    @cached_property
    def _current(self) -> dict[str, Key]:
        return {one.purpose: one for one in self.keys if one.is_current}

    def current(self, purpose: str) -> Key:
        """Return the key that writes. Raises KeysUnavailable where none is marked."""
        try:
            return self._current[purpose]
        except KeyError:
            raise KeysUnavailable(f"密钥文件中没有在用的{Purpose(purpose).label}密钥") from None

    def of(self, purpose: str) -> list[Key]:
        """Return the keys of a purpose, the current one first."""
        return sorted((one for one in self.keys if one.purpose == purpose), key=lambda one: not one.is_current)


def path() -> Path:
    """Return where the keys are."""
    return Path(settings.FINMART_KEYS_FILE)


def new_key(purpose: str, made_at: datetime, *, algorithm: str = "") -> Key:
    """Return a new random key that only reads so far; ``algorithm`` (fields only) by default that of the settings."""
    if purpose == Purpose.FIELDS:
        chosen = Cipher(algorithm or settings.FINMART_FIELD_CIPHER)
        return Key(_new_id(), purpose, chosen, secrets.token_bytes(SIZES[chosen]), made_at, is_current=False)
    return Key(_new_id(), purpose, DIGEST, secrets.token_bytes(32), made_at, is_current=False)


def make(file: Path, made_at: datetime, *, algorithm: str) -> bool:
    """Make a file with one key for each purpose, whole or not at all; False where there is one."""
    if file.exists():
        return False
    try:
        if not file.parent.exists():
            file.parent.mkdir(parents=True, mode=0o700)
        with _held(file):
            if file.exists():
                return False
            first = (new_key(purpose, made_at, algorithm=algorithm) for purpose in Purpose)
            _write(file, Keyring(tuple(replace(one, is_current=True) for one in first)))
    except OSError as error:
        raise KeysUnavailable(f"无法建立密钥文件 {file}：{error.strerror}") from error
    return True


def change(alter: Callable[[Keyring], Keyring]) -> Keyring:
    """Write what ``alter`` makes of the keys, one writer at a time. Raises KeysUnavailable where it cannot."""
    file = path()
    try:
        with _held(file):
            altered = alter(read(file))
            _write(file, altered)
    except OSError as error:
        raise KeysUnavailable(f"无法写入密钥文件 {file}：{error.strerror}；请在可写的机器上更换后分发") from error
    _known.forget()
    return altered


def made_current(keys: Keyring, key_id: str, now: datetime) -> Keyring:
    """Return the keys with this one current for its purpose; the one before only reads from ``now`` on."""
    chosen = keys.by_id[key_id]
    return Keyring(
        tuple(
            replace(one, is_current=True, read_since=None)
            if one.id == key_id
            else replace(one, is_current=False, read_since=now)
            if one.purpose == chosen.purpose and one.is_current
            else one
            for one in keys.keys
        )
    )


def ring() -> Keyring:
    """Return the keys as the file has them, at most :data:`LOOK_AGAIN_SECONDS` old. Raises KeysUnavailable."""
    return _known.get()


def find(key_id: str) -> Key | None:
    """Return a key by its id, looking at the file again for one that is not known yet."""
    found = _known.get().by_id.get(key_id)
    return found or _known.get(anew=True).by_id.get(key_id)


class _Known:
    """The keys this process has read. Threads may read at once; what one keeps belongs together."""

    def __init__(self) -> None:
        self.kept: tuple[Keyring, tuple[Any, ...], float] | None = None  # keys, state of the file, good until

    def forget(self) -> None:
        self.kept = None

    def get(self, *, anew: bool = False) -> Keyring:
        kept = self.kept
        if kept is not None and not anew and time.monotonic() < kept[2]:
            return kept[0]
        file = path()
        seen = _seen(file)  # before reading: a file replaced meanwhile is read again next time
        keys = kept[0] if kept is not None and kept[1] == seen else read(file)
        self.kept = keys, seen, time.monotonic() + LOOK_AGAIN_SECONDS
        return keys


def _seen(file: Path) -> tuple[Any, ...]:
    try:
        found = file.stat()
    except OSError as error:
        raise _unreadable(file, error) from error
    return str(file), found.st_mtime_ns, found.st_size, found.st_ino


def read(file: Path) -> Keyring:
    """Return the keys of a file. Raises KeysUnavailable where it is missing, broken or open to others."""
    try:
        if file.stat().st_mode & 0o007:
            raise KeysUnavailable(f"密钥文件 {file} 可被其他用户读写：请执行 chmod 600 后重试")
        content = json.loads(file.read_text(encoding="utf-8"))
        return Keyring(tuple(_key(one) for one in content["keys"]))
    except OSError as error:
        raise _unreadable(file, error) from error
    except (ValueError, KeyError, TypeError) as error:
        raise KeysUnavailable(f"密钥文件 {file} 已损坏，无法读出密钥：请从备份恢复") from error


def _key(row: dict[str, Any]) -> Key:
    secret, algorithm, since = bytes.fromhex(row["secret"]), row["algorithm"], row.get("read_since")
    wanted = SIZES[Cipher(algorithm)] if row["purpose"] == Purpose.FIELDS else 32
    if len(secret) != wanted:
        raise ValueError(row["id"])
    return Key(
        row["id"], Purpose(row["purpose"]), algorithm, secret, datetime.fromisoformat(row["made_at"]),
        row["state"] == "current", datetime.fromisoformat(since) if since else None,
    )  # fmt: skip


def _write(file: Path, keys: Keyring) -> None:
    rows = [
        {
            "id": one.id, "purpose": str(one.purpose), "algorithm": str(one.algorithm), "secret": one.secret.hex(),
            "made_at": one.made_at.isoformat(), "state": "current" if one.is_current else "reading",
            "read_since": one.read_since.isoformat() if one.read_since else None,
        }
        for one in keys.keys
    ]  # fmt: skip
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as written:
        json.dump({"format": FORMAT, "keys": rows}, written, indent=1)
        written.flush()
        os.fsync(written.fileno())
    draft.replace(file)


@contextmanager
def _held(file: Path) -> Iterator[None]:
    with file.with_name(f"{file.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _unreadable(file: Path, error: OSError) -> KeysUnavailable:
    if isinstance(error, FileNotFoundError):
        remedy = "没有它就无法读出加密的数据，请从备份恢复，或用 FINMART_KEYS_FILE 指明位置"
        return KeysUnavailable(f"没有密钥文件 {file}：{remedy}")
    return KeysUnavailable(f"无法读取密钥文件 {file}：{error.strerror}")


def _new_id() -> str:
    return "k" + secrets.token_hex(4)


_known = _Known()
