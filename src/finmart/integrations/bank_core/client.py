"""Speaking to a bank core: signed, with time-outs, repeated with the same key until the answer is certain."""

import http.client
import json
import secrets
import ssl
import time
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from django.conf import settings

from finmart.integrations.bank_core.types import (
    BankCoreMistake,
    BankCoreUnavailable,
    Receipt,
    StatementLine,
    TransferOrder,
    TransferState,
)
from finmart.kit import clock
from finmart.kit.signing import signature

CONNECT_SECONDS = 3.0
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class BankCoreClient:
    """One bank core at ``url``. Times and counts are defaults of ours.

    Every method raises BankCoreUnavailable where no certain answer came, BankCoreMistake where the request is wrong.
    """

    def __init__(
        self,
        url: str,
        secret: bytes,
        *,
        timeout_seconds: float = 10.0,
        attempts: int = 3,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._url = urlsplit(url.rstrip("/"))
        self._secret = secret
        self._timeout_seconds = timeout_seconds
        self._attempts = attempts
        self._pause = pause

    def transfer(self, order: TransferOrder) -> Receipt:
        """Move the money of all legs or of none; sending the same order again returns the first receipt."""
        body = {
            "key": order.key,
            "payer_account": order.payer_account,
            "memo": order.memo,
            "legs": [
                {"account_number": leg.account_number, "name": leg.name, "bank_name": leg.bank_name,
                 "amount_fen": leg.amount_fen}
                for leg in order.legs
            ],
        }  # fmt: skip
        return _receipt(self._asked("POST", "/transfers", body))

    def receipt_of(self, key: str) -> Receipt | None:
        """Return the receipt of an order sent before, None where the bank core never saw it."""
        answer = self._asked("GET", f"/transfers/{quote(key, safe='')}", absent_is_none=True)
        return _receipt(answer) if answer else None

    def statement(self, account_number: str, from_on: date, to_on: date) -> list[StatementLine]:
        """Return the bookings of an account from ``from_on`` to before ``to_on`` (city days), oldest first."""
        path = f"/accounts/{quote(account_number, safe='')}/statement?from={from_on}&to={to_on}"
        return [
            StatementLine(line["key"], line["reference"], datetime.fromisoformat(line["booked_at"]),
                          line["amount_fen"], line["counterparty"])
            for line in self._asked("GET", path)["lines"]
        ]  # fmt: skip

    def _asked(self, method: str, path: str, body: Any = None, *, absent_is_none: bool = False) -> Any:
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        trouble = ""
        for attempt in range(self._attempts):
            if attempt:
                self._pause(0.2 * 2**attempt)
            try:
                status, answer = self._sent(method, path, content)
            except (OSError, http.client.HTTPException) as error:
                trouble = f"{type(error).__name__}: {error}"
                continue
            if status == HTTPStatus.NOT_FOUND and absent_is_none:
                return None
            if 200 <= status < 300:
                return json.loads(answer)
            if 400 <= status < 500 and status != HTTPStatus.TOO_MANY_REQUESTS:
                raise BankCoreMistake(f"{method} {path}: {status} {answer[:200].decode(errors='replace')}")
            trouble = f"HTTP {status}"
        raise BankCoreUnavailable(f"{method} {path}: {trouble} after {self._attempts} attempts")

    def _sent(self, method: str, path: str, content: bytes) -> tuple[int, bytes]:
        stamp = str(int(clock.on_machine(clock.now()).timestamp()))
        nonce = secrets.token_hex(16)
        headers = {
            "Content-Type": "application/json",
            "X-Timestamp": stamp,
            "X-Nonce": nonce,
            "X-Signature": signature(self._secret, method, path, stamp, nonce, content),
        }
        session = self._opened()
        try:
            session.request(method, self._url.path + path, body=content, headers=headers)
            answer = session.getresponse()
            return answer.status, answer.read()
        finally:
            session.close()

    def _opened(self) -> http.client.HTTPConnection:
        """Return a connection of its own for one request.

        The standard library's: for the one request of a payment httpx's client takes two and a half times as long.
        """
        host, seconds = self._url.hostname or "", min(self._timeout_seconds, CONNECT_SECONDS)
        if self._url.scheme == "https":
            session: http.client.HTTPConnection = http.client.HTTPSConnection(
                host, self._url.port, timeout=seconds, context=_trust()
            )
        else:
            session = http.client.HTTPConnection(host, self._url.port, timeout=seconds)
        session.connect()
        session.sock.settimeout(self._timeout_seconds)
        return session


@cache
def _trust() -> ssl.SSLContext:
    """Return the certificates trusted, read once: reading them costs more than the request."""
    return httpx.create_ssl_context()


def connected() -> BankCoreClient:
    """Return the client of the bank core named by ``FINMART_BANK_CORE_URL`` and ``FINMART_BANK_CORE_SECRET``.

    Without a secret of its own only a simulator on this machine is spoken to. Raises BankCoreUnavailable.
    """
    url, secret = settings.FINMART_BANK_CORE_URL, settings.FINMART_BANK_CORE_SECRET
    if not url:
        raise BankCoreUnavailable("FINMART_BANK_CORE_URL is not set; `finmart simulate bank-core` starts a simulator")
    if not secret:
        if urlsplit(url).hostname not in LOOPBACK:
            raise BankCoreUnavailable("FINMART_BANK_CORE_SECRET must be set for a bank core on another machine")
        secret = settings.SECRET_KEY
    return BankCoreClient(url, secret.encode())


def _receipt(answer: Any) -> Receipt:
    return Receipt(
        key=answer["key"],
        state=TransferState(answer["state"]),
        reference=answer["reference"],
        booked_at=datetime.fromisoformat(answer["booked_at"]),
        reason_code=answer["reason_code"],
        reason=answer["reason"],
    )
