"""Asking a source: signed, with time-outs, repeated until there is an answer, patient where it asks for patience.

One wire for every source (docs/decisions/0016): what differs from source to source are its code, its columns and what
was agreed with it, and these are data.
"""

import json
import math
import secrets
import ssl
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date
from email.utils import parsedate_to_datetime
from functools import cache
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote, urlsplit

import httpx
from django.conf import settings

from finmart.integrations.data_sharing.types import (
    Announcement,
    Demand,
    OfferedColumn,
    Page,
    Reply,
    RequestState,
    SourceBusy,
    SourceMistake,
    SourceUnavailable,
    record_hash,
)
from finmart.kit import clock
from finmart.kit.signing import signature

CONNECT_SECONDS = 3.0
TIMEOUT_SECONDS = 10.0
PAUSE_SECONDS = 0.4  # before a question is asked again, doubling
LONGEST_ANSWER = 20_000_000
LONGEST_WAIT_SECONDS = 86_400.0
PATIENCE_SECONDS = 60.0  # where a source asks for patience and does not say how long: a default of ours
BUSY = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
T = TypeVar("T")


class SourceClient:
    """One source at ``url``; several questions go over one connection inside ``with``. Times are defaults of ours.

    Every method raises SourceUnavailable where no usable answer came, SourceBusy where the source asks for patience
    and SourceMistake where it says the request is wrong.
    """

    def __init__(
        self,
        url: str,
        secret: bytes,
        code: str,
        *,
        timeout_seconds: float | None = None,
        attempts: int = 3,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._base = urlsplit(url.rstrip("/"))
        self._url = url.rstrip("/")
        self._path = f"/sources/{quote(code, safe='')}"
        self._secret = secret
        self._attempts = attempts
        self._pause = pause
        seconds = TIMEOUT_SECONDS if timeout_seconds is None else timeout_seconds
        timeout = httpx.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS))
        trust = _trust() if self._base.scheme == "https" else False
        self._session = httpx.Client(timeout=timeout, trust_env=False, verify=trust)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    def columns(self) -> tuple[OfferedColumn, ...]:
        """Return what the source's records hold at this moment."""
        return self._read("GET", "/columns", None, lambda answer: _columns(answer["columns"]))

    def next_batch(self, after: str) -> Announcement | None:
        """Return the first batch after a cursor (empty: the very first), None where there is nothing new."""
        return self._read("GET", f"/batches?after={quote(after, safe='')}", None, _announcement)

    def page(self, number: str, page: int, size: int) -> Page:
        """Return one page of a batch, counted from 1."""
        path = f"/batches/{quote(number, safe='')}/records?page={page}&size={size}"
        return self._read("GET", path, None, _page)

    def ask_for(self, demand: Demand) -> Reply:
        """Tell the source what is asked of it; telling again changes the due day and the number of reminders only."""
        body = {
            "uuid": demand.uuid, "kind": demand.kind, "subject": demand.subject, "text": demand.text,
            "due_on": demand.due_on.isoformat(), "urged": demand.urged,
        }  # fmt: skip
        return self._read("POST", "/requests", body, _reply)

    def reply_to(self, uuid: str) -> Reply:
        """Return how far the source is with a demand."""
        return self._read("GET", f"/requests/{quote(uuid, safe='')}", None, _reply)

    def _read(self, method: str, path: str, body: Mapping[str, Any] | None, read: Callable[[Any], T]) -> T:
        answer = self._asked(method, self._path + path, body)
        try:
            return read(answer)
        except (KeyError, TypeError, ValueError) as error:
            raise SourceUnavailable(f"{method} {path}: 应答不合约定（{type(error).__name__}: {error}）") from error

    def _asked(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        trouble = ""
        for attempt in range(self._attempts):
            if attempt:
                self._pause(PAUSE_SECONDS * 2 ** (attempt - 1))
            try:
                answer = self._sent(method, path, content)
            except httpx.TimeoutException:
                trouble = "没有及时应答（超时）"
                continue
            except httpx.TransportError as error:
                trouble = f"连接不上（{type(error).__name__}）"
                continue
            patience = answer.headers.get("retry-after", "")
            if answer.status_code in BUSY and (patience or answer.status_code == HTTPStatus.TOO_MANY_REQUESTS):
                raise SourceBusy(_patience(patience))
            if answer.is_success:
                try:
                    return json.loads(answer.content)
                except (ValueError, RecursionError):
                    trouble = "应答不是 JSON"
                    continue
            if answer.is_client_error:
                raise SourceMistake(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
            trouble = f"应答 HTTP {answer.status_code}"
        raise SourceUnavailable(f"{trouble}，已试 {self._attempts} 次")

    def _sent(self, method: str, path: str, content: bytes) -> httpx.Response:
        stamp = str(int(clock.on_machine(clock.now()).timestamp()))
        nonce = secrets.token_hex(16)
        headers = {
            "Content-Type": "application/json",
            "X-Timestamp": stamp,
            "X-Nonce": nonce,
            "X-Signature": signature(self._secret, method, self._base.path + path, stamp, nonce, content),
        }
        with self._session.stream(method, self._url + path, content=content, headers=headers) as answer:
            taken = bytearray()
            for part in answer.iter_bytes():
                taken += part
                if len(taken) > LONGEST_ANSWER:
                    raise SourceMistake(f"{method} {path}: 应答超过 {LONGEST_ANSWER} 字节")
            return httpx.Response(
                answer.status_code, content=bytes(taken),
                headers={name: answer.headers[name] for name in ("retry-after",) if name in answer.headers},
            )  # fmt: skip


def connected(code: str) -> SourceClient:
    """Return the client of a source, at ``FINMART_SOURCES_URL`` or an address of its own in ``FINMART_SOURCE_URLS``.

    Without a secret of its own only a simulator on this machine is spoken to. Raises SourceUnavailable.
    """
    url = settings.FINMART_SOURCE_URLS.get(code) or settings.FINMART_SOURCES_URL
    secret = settings.FINMART_SOURCES_SECRET
    if not url:
        raise SourceUnavailable(
            "没有配置来源地址：请设置 FINMART_SOURCES_URL，或以 finmart simulate sources 启动模拟来源"
        )
    if not secret:
        if urlsplit(url).hostname not in LOOPBACK:
            raise SourceUnavailable("来源不在本机：请设置 FINMART_SOURCES_SECRET")
        secret = settings.SECRET_KEY
    return SourceClient(url, secret.encode(), code)


@cache
def _trust() -> ssl.SSLContext:
    """Return the certificates trusted, read once: reading them costs more than a request."""
    return httpx.create_ssl_context()


def _patience(header: str) -> float:
    """Return the seconds a Retry-After header names: a number, or a moment."""
    try:
        seconds = float(header)
    except ValueError:
        try:
            moment = parsedate_to_datetime(header)
        except ValueError:
            return PATIENCE_SECONDS
        seconds = (moment.astimezone(UTC) - clock.on_machine(clock.now())).total_seconds()
    return min(max(seconds, 0.0), LONGEST_WAIT_SECONDS) if math.isfinite(seconds) else PATIENCE_SECONDS


def _columns(stored: Any) -> tuple[OfferedColumn, ...]:
    return tuple(OfferedColumn(str(one["name"]), str(one["kind"])) for one in stored)


def _announcement(answer: Any) -> Announcement | None:
    offered = answer["batch"]
    if offered is None:
        return None
    records = offered["records"]
    if type(records) is not int or records < 0 or not offered["number"]:
        raise ValueError("records")
    return Announcement(
        str(offered["number"])[:80], str(offered["cursor"])[:200], date.fromisoformat(offered["supplied_on"]),
        records, str(offered["digest"])[:64],
    )  # fmt: skip


def _page(answer: Any) -> Page:
    records = answer["records"]
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise TypeError("records")
    hashed = tuple((record, record_hash(record)) for record in records)
    return Page(_columns(answer["columns"]), hashed, answer["has_more"] is True)


def _reply(answer: Any) -> Reply:
    return Reply(RequestState(answer["state"]), str(answer.get("answer", ""))[:2000])
