"""A bank core that speaks the real wire over HTTP, keeps its books in a file of its own and fails on demand.

It stands for somebody else's system, so it shares nothing with the platform but the signing secret.
"""

import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import parse_qs, unquote
from wsgiref.simple_server import WSGIServer

from finmart.integrations.simulated import served
from finmart.kit import clock
from finmart.kit.signing import MOST_SECONDS_OFF, matches, signature

OPENING_FEN = 10**13  # what a payer first seen here owns: a default of this simulator
LONGEST_BODY = 1_000_000
REASONS = {"INSUFFICIENT": "账户余额不足", "FROZEN": "账户已冻结", "NAME_MISMATCH": "收款户名不符"}
FAILURES = frozenset({"ERROR", "TIMEOUT_AFTER", "TIMEOUT_BEFORE", *REASONS})
Environment = dict[str, Any]
Answer = tuple[str, Any]

_TABLES = """
CREATE TABLE IF NOT EXISTS account (number TEXT PRIMARY KEY, balance_fen INTEGER NOT NULL CHECK (balance_fen >= 0));
CREATE TABLE IF NOT EXISTS transfer (key TEXT PRIMARY KEY, body TEXT NOT NULL, receipt TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS booking (id INTEGER PRIMARY KEY, account TEXT NOT NULL, booked_at TEXT NOT NULL,
  key TEXT NOT NULL, reference TEXT NOT NULL, amount_fen INTEGER NOT NULL, counterparty TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS booking_account ON booking (account, booked_at);
"""


class BankCoreSimulator:
    """The WSGI application. ``books`` is the file its accounts live in."""

    def __init__(self, books: Path, secret: bytes) -> None:
        self._secret = secret
        self._lock = Lock()
        self._nonces: dict[str, float] = {}
        self._failures: list[tuple[str, float]] = []
        books.parent.mkdir(parents=True, exist_ok=True)
        self._in_line = Lock()
        self._session = sqlite3.connect(books, timeout=30, isolation_level=None, check_same_thread=False)
        self._session.execute("PRAGMA journal_mode = WAL")
        self._session.executescript(_TABLES)

    def close(self) -> None:
        """Close the books."""
        self._session.close()

    def __call__(self, environment: Environment, start: Callable[..., Any]) -> Iterable[bytes]:
        status, answer = self._answered(environment)
        content = json.dumps(answer, ensure_ascii=False).encode()
        start(status, [("Content-Type", "application/json"), ("Content-Length", str(len(content)))])
        return [content]

    def _answered(self, environment: Environment) -> Answer:
        method, path = environment["REQUEST_METHOD"], unquote(environment["PATH_INFO"].encode("latin-1").decode())
        length = int(environment.get("CONTENT_LENGTH") or 0)
        if length > LONGEST_BODY:
            return "413 Content Too Large", {"error": "TOO_LARGE"}
        body = environment["wsgi.input"].read(length)
        if path == "/livez":
            return "200 OK", {"ok": True}
        wrong = self._fault_of(environment, method, body)
        if wrong:
            return "401 Unauthorized", {"error": wrong}
        try:
            return self._routed(method, path, parse_qs(environment.get("QUERY_STRING", "")), body)
        except (KeyError, TypeError, ValueError) as error:
            return "400 Bad Request", {"error": f"{type(error).__name__}: {error}"}

    def _routed(self, method: str, path: str, query: dict[str, list[str]], body: bytes) -> Answer:
        match method, path.strip("/").split("/"):
            case "POST", ["transfers"]:
                return self._transfer(json.loads(body))
            case "GET", ["transfers", key]:
                return self._receipt(key)
            case "GET", ["accounts", number, "statement"]:
                return self._statement(number, query["from"][0], query["to"][0])
            case "POST", ["failures"]:
                return self._plan_failure(json.loads(body))
        return "404 Not Found", {"error": "NO_SUCH_PAGE"}

    def _fault_of(self, environment: Environment, method: str, body: bytes) -> str:
        stamp, nonce = environment.get("HTTP_X_TIMESTAMP", ""), environment.get("HTTP_X_NONCE", "")
        path = environment.get("RAW_PATH") or environment["PATH_INFO"]
        expected = signature(self._secret, method, path, stamp, nonce, body)
        if not matches(environment.get("HTTP_X_SIGNATURE", ""), expected):
            return "BAD_SIGNATURE"
        now = time.time()
        if abs(now - int(stamp)) > MOST_SECONDS_OFF:
            return "STALE"
        with self._lock:
            self._nonces = {known: at for known, at in self._nonces.items() if now - at < 2 * MOST_SECONDS_OFF}
            if nonce in self._nonces:
                return "REPLAYED"
            self._nonces[nonce] = now
        return ""

    def _plan_failure(self, wanted: dict[str, Any]) -> Answer:
        """Make the next ``times`` transfers fail by ``kind``; ``seconds`` is how long a time-out hangs."""
        if wanted["kind"] not in FAILURES:
            raise ValueError(wanted["kind"])
        with self._lock:
            self._failures += [(wanted["kind"], float(wanted.get("seconds", 0)))] * int(wanted.get("times", 1))
        return "200 OK", {"planned": len(self._failures)}

    def _next_failure(self) -> tuple[str, float]:
        with self._lock:
            return self._failures.pop(0) if self._failures else ("", 0.0)

    def _transfer(self, order: dict[str, Any]) -> Answer:
        kind, seconds = self._next_failure()
        if kind == "TIMEOUT_BEFORE":
            time.sleep(seconds)
        if kind in {"ERROR", "TIMEOUT_BEFORE"}:
            return "503 Service Unavailable", {"error": "UNAVAILABLE"}
        body = json.dumps(order, ensure_ascii=False, sort_keys=True)
        with self._opened() as session:
            known = session.execute("SELECT body, receipt FROM transfer WHERE key = ?", [order["key"]]).fetchone()
            if known and known[0] != body:
                return "409 Conflict", {"error": "KEY_USED_FOR_ANOTHER_TRANSFER"}
            if not known:
                receipt = self._booked(session, order, kind if kind in REASONS else "")
                session.execute(
                    "INSERT INTO transfer VALUES (?, ?, ?)",
                    [order["key"], body, json.dumps(receipt, ensure_ascii=False)],
                )
            answer = json.loads(known[1]) if known else receipt
        if kind == "TIMEOUT_AFTER":
            time.sleep(seconds)
        return "200 OK", answer

    def _booked(self, session: sqlite3.Connection, order: dict[str, Any], refusal: str) -> dict[str, Any]:
        payer, legs = order["payer_account"], order["legs"]
        amounts = [leg["amount_fen"] for leg in legs]
        if not legs or any(type(amount) is not int or amount <= 0 for amount in amounts):
            raise ValueError("amount_fen")
        session.execute("INSERT OR IGNORE INTO account VALUES (?, ?)", [payer, OPENING_FEN])
        balance_fen = session.execute("SELECT balance_fen FROM account WHERE number = ?", [payer]).fetchone()[0]
        reason = refusal or ("INSUFFICIENT" if balance_fen < sum(amounts) else "")
        count = session.execute("SELECT count(*) FROM transfer").fetchone()[0]
        receipt = {
            "key": order["key"],
            "state": "REJECTED" if reason else "SUCCEEDED",
            "reference": f"SIM{count + 1:010d}",
            "booked_at": clock.now().isoformat(),
            "reason_code": reason,
            "reason": REASONS.get(reason, ""),
        }
        if not reason:
            for leg in legs:
                _book(session, receipt, payer, -leg["amount_fen"], leg["name"])
                session.execute("INSERT OR IGNORE INTO account VALUES (?, 0)", [leg["account_number"]])
                _book(session, receipt, leg["account_number"], leg["amount_fen"], payer)
        return receipt

    def _receipt(self, key: str) -> Answer:
        with self._opened() as session:
            known = session.execute("SELECT receipt FROM transfer WHERE key = ?", [key]).fetchone()
        return ("200 OK", json.loads(known[0])) if known else ("404 Not Found", {"error": "UNKNOWN_KEY"})

    def _statement(self, number: str, from_on: str, to_on: str) -> Answer:
        begin, end = (datetime.fromisoformat(day).replace(tzinfo=clock.CITY_ZONE) for day in (from_on, to_on))
        with self._opened() as session:
            rows = session.execute(
                "SELECT key, reference, booked_at, amount_fen, counterparty FROM booking WHERE account = ? ORDER BY id",
                [number],
            ).fetchall()
        names = ("key", "reference", "booked_at", "amount_fen", "counterparty")
        lines = [dict(zip(names, row, strict=True)) for row in rows]
        return "200 OK", {"lines": [x for x in lines if begin <= datetime.fromisoformat(x["booked_at"]) < end]}

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """Have the books for one request, all requests in line; whatever raises leaves them untouched."""
        with self._in_line:
            self._session.execute("BEGIN IMMEDIATE")
            try:
                yield self._session
            except BaseException:
                self._session.execute("ROLLBACK")
                raise
            self._session.execute("COMMIT")


def _book(session: sqlite3.Connection, receipt: dict[str, Any], account: str, amount_fen: int, other: str) -> None:
    session.execute("UPDATE account SET balance_fen = balance_fen + ? WHERE number = ?", [amount_fen, account])
    session.execute(
        "INSERT INTO booking (account, booked_at, key, reference, amount_fen, counterparty) VALUES (?, ?, ?, ?, ?, ?)",
        [account, receipt["booked_at"], receipt["key"], receipt["reference"], amount_fen, other],
    )


def make_bank_core(books: Path, secret: bytes, *, host: str = "127.0.0.1", port: int = 0) -> WSGIServer:
    """Return a server ready for ``serve_forever``; port 0 takes a free one, read it from ``server_port``.

    Raises OSError where the port is taken.
    """
    return served(BankCoreSimulator(books, secret), host, port)
