"""Sources that speak the real wire over HTTP, keep what they supply in a file of their own and fail on demand.

One server stands for all of them, each under its code. Beside the wire it has a back office (``/office/…``), where
tests and the sample city put in what a department would supply, answer for it, and have it fail. It stands for
somebody else's systems, so it shares nothing with the platform but the wire and the signing secret.
"""

import json
import sqlite3
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import parse_qs, unquote
from wsgiref.simple_server import WSGIServer

from finmart.integrations.data_sharing.types import RequestState, chained, record_hash
from finmart.integrations.simulated import served
from finmart.kit.signing import MOST_SECONDS_OFF, matches, signature

LONGEST_BODY = 20_000_000
LARGEST_PAGE = 1_000
MINUTE = 60.0
FAILURES = frozenset({"BUSY", "ERROR", "GARBLED", "TIMEOUT"})
Environment = dict[str, Any]
Headers = list[tuple[str, str]]

_TABLES = """
CREATE TABLE IF NOT EXISTS source (code TEXT PRIMARY KEY, columns TEXT NOT NULL DEFAULT '[]',
  drift TEXT NOT NULL DEFAULT '{}', per_minute INTEGER NOT NULL DEFAULT 600);
CREATE TABLE IF NOT EXISTS batch (id INTEGER PRIMARY KEY, code TEXT NOT NULL, number TEXT NOT NULL,
  supplied_on TEXT NOT NULL, announced INTEGER, digest TEXT, UNIQUE (code, number));
CREATE TABLE IF NOT EXISTS record (batch INTEGER NOT NULL, position INTEGER NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (batch, position));
CREATE TABLE IF NOT EXISTS demand (uuid TEXT PRIMARY KEY, code TEXT NOT NULL, body TEXT NOT NULL,
  state TEXT NOT NULL, answer TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class _Answer:
    status: str
    body: Any
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _Failure:
    kind: str
    seconds: float


OK, CREATED = "200 OK", "201 Created"
_MISSING = _Answer("404 Not Found", {"error": "NO_SUCH_PAGE"})


class SourcesSimulator:
    """The WSGI application. ``kept_in`` is the file its records live in."""

    def __init__(self, kept_in: Path, secret: bytes) -> None:
        self._secret = secret
        self._lock = Lock()
        self._nonces: dict[str, float] = {}
        self._failures: dict[str, deque[_Failure]] = defaultdict(deque)
        self._asked: dict[str, deque[float]] = defaultdict(deque)
        kept_in.parent.mkdir(parents=True, exist_ok=True)
        self._in_line = Lock()
        self._session = sqlite3.connect(kept_in, timeout=30, isolation_level=None, check_same_thread=False)
        self._session.execute("PRAGMA journal_mode = WAL")
        self._session.executescript(_TABLES)

    def close(self) -> None:
        """Close the file."""
        self._session.close()

    def __call__(self, environment: Environment, start: Callable[..., Any]) -> Iterable[bytes]:
        answer = self._answered(environment)
        text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body, ensure_ascii=False)
        content = text.encode()
        headers: Headers = [("Content-Type", "application/json"), ("Content-Length", str(len(content)))]
        start(answer.status, headers + list(answer.headers))
        return [content]

    def _answered(self, environment: Environment) -> _Answer:
        method, path = environment["REQUEST_METHOD"], unquote(environment["PATH_INFO"].encode("latin-1").decode())
        body = environment["wsgi.input"].read(min(int(environment.get("CONTENT_LENGTH") or 0), LONGEST_BODY))
        if path == "/livez":
            return _Answer(OK, {"ok": True})
        wrong = self._fault_of(environment, method, body)
        if wrong:
            return _Answer("401 Unauthorized", {"error": wrong})
        query = {name: found[0] for name, found in parse_qs(environment.get("QUERY_STRING", "")).items()}
        try:
            match path.strip("/").split("/"):
                case ["office", code, *rest]:
                    return self._office(code, rest, json.loads(body))
                case ["sources", code, *rest]:
                    return self._failing(code) or self._asked_of(method, code, rest, query, body)
        except (KeyError, TypeError, ValueError) as error:
            return _Answer("400 Bad Request", {"error": f"{type(error).__name__}: {error}"})
        return _MISSING

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

    # the wire

    def _failing(self, code: str) -> _Answer | None:
        """Return the failure that was planned or the refusal of one question too many, None where all is well."""
        with self._lock:
            planned = self._failures[code].popleft() if self._failures[code] else None
        if planned is None:
            return self._too_many(code)
        if planned.kind == "BUSY":
            return _Answer("429 Too Many Requests", {"error": "BUSY"}, (("Retry-After", f"{planned.seconds:.0f}"),))
        if planned.kind == "GARBLED":
            return _Answer(OK, "<html>系统维护中</html>")
        if planned.kind == "TIMEOUT":
            time.sleep(planned.seconds)
        return _Answer("503 Service Unavailable", {"error": "UNAVAILABLE"})

    def _too_many(self, code: str) -> _Answer | None:
        with self._opened() as session:
            row = session.execute("SELECT per_minute FROM source WHERE code = ?", [code]).fetchone()
        now = time.monotonic()
        with self._lock:
            asked = self._asked[code]
            while asked and now - asked[0] >= MINUTE:
                asked.popleft()
            if row and len(asked) >= row[0]:
                wait = MINUTE - (now - asked[0]) + 1
                return _Answer("429 Too Many Requests", {"error": "LIMIT"}, (("Retry-After", f"{wait:.0f}"),))
            asked.append(now)
        return None

    def _asked_of(self, method: str, code: str, rest: list[str], query: dict[str, str], body: bytes) -> _Answer:
        with self._opened() as session:
            row = session.execute("SELECT columns, drift FROM source WHERE code = ?", [code]).fetchone()
            if row is None:
                return _Answer("404 Not Found", {"error": "NO_SUCH_SOURCE"})
            drift = _Drift(json.loads(row[1]))
            columns = drift.columns(json.loads(row[0]))
            answer = _MISSING
            match method, rest:
                case "GET", ["columns"]:
                    answer = _Answer(OK, {"columns": columns})
                case "GET", ["batches"]:
                    answer = _Answer(OK, {"batch": _announced(session, code, query.get("after", ""), drift)})
                case "GET", ["batches", number, "records"]:
                    page, size = int(query["page"]), min(int(query["size"]), LARGEST_PAGE)
                    answer = _page_of(session, (code, number), page, size, (columns, drift))
                case "POST", ["requests"]:
                    answer = _demanded(session, code, json.loads(body))
                case "GET", ["requests", uuid]:
                    answer = _replied(session, code, uuid)
        return answer

    # the back office

    def _office(self, code: str, rest: list[str], wanted: dict[str, Any]) -> _Answer:
        if rest == ["failures"]:
            if wanted["kind"] not in FAILURES:
                raise ValueError(wanted["kind"])
            failure = _Failure(wanted["kind"], float(wanted.get("seconds", 0)))
            with self._lock:
                self._failures[code].extend([failure] * int(wanted.get("times", 1)))
            return _Answer(OK, {"planned": len(self._failures[code])})
        with self._opened() as session:
            session.execute("INSERT OR IGNORE INTO source (code) VALUES (?)", [code])
            match rest:
                case ["columns"]:
                    columns = [{"name": one["name"], "kind": one["kind"]} for one in wanted["columns"]]
                    _set(session, code, "columns", json.dumps(columns, ensure_ascii=False))
                case ["drift"]:
                    _set(session, code, "drift", json.dumps(_Drift(wanted).stored, ensure_ascii=False))
                case ["limit"]:
                    _set(session, code, "per_minute", int(wanted["per_minute"]))
                case ["batches"]:
                    _supply(session, code, wanted)
                case ["requests", uuid]:
                    state = RequestState(wanted["state"])
                    session.execute(
                        "UPDATE demand SET state = ?, answer = ? WHERE uuid = ? AND code = ?",
                        [state, wanted["answer"], uuid, code],
                    )
                case _:
                    return _MISSING
        return _Answer(CREATED, {"ok": True})

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """Have the file for one request, all requests in line; whatever raises leaves it untouched."""
        with self._in_line:
            self._session.execute("BEGIN IMMEDIATE")
            try:
                yield self._session
            except BaseException:
                self._session.execute("ROLLBACK")
                raise
            self._session.execute("COMMIT")


class _Drift:
    """How the source changed its columns without a word: ``rename`` old → new, ``drop`` names, ``retype`` name → kind.

    Values follow: a column retyped to TEXT travels as text.
    """

    def __init__(self, stored: Mapping[str, Any]) -> None:
        self.rename: dict[str, str] = dict(stored.get("rename", {}))
        self.drop: list[str] = list(stored.get("drop", []))
        self.retype: dict[str, str] = dict(stored.get("retype", {}))

    @property
    def stored(self) -> dict[str, Any]:
        return {"rename": self.rename, "drop": self.drop, "retype": self.retype}

    def columns(self, columns: list[dict[str, str]]) -> list[dict[str, str]]:
        return [
            {"name": self.rename.get(one["name"], one["name"]), "kind": self.retype.get(one["name"], one["kind"])}
            for one in columns
            if one["name"] not in self.drop
        ]

    def record(self, record: dict[str, Any]) -> dict[str, Any]:
        return {
            self.rename.get(name, name): str(value) if self.retype.get(name) == "TEXT" else value
            for name, value in record.items()
            if name not in self.drop
        }


def _set(session: sqlite3.Connection, code: str, column: str, value: object) -> None:
    session.execute(f"UPDATE source SET {column} = ? WHERE code = ?", [value, code])  # noqa: S608 - our own names


def _supply(session: sqlite3.Connection, code: str, wanted: dict[str, Any]) -> None:
    """Put a batch in line; one of the same number is replaced where it stands.

    ``announced`` and ``digest`` are what is said of it, by default the truth.
    """
    known = session.execute("SELECT id FROM batch WHERE code = ? AND number = ?", [code, wanted["number"]]).fetchone()
    said = [wanted["supplied_on"], wanted.get("announced"), wanted.get("digest")]
    if known:
        place = known[0]
        session.execute("UPDATE batch SET supplied_on = ?, announced = ?, digest = ? WHERE id = ?", [*said, place])
        session.execute("DELETE FROM record WHERE batch = ?", [place])
    else:
        place = session.execute(
            "INSERT INTO batch (code, number, supplied_on, announced, digest) VALUES (?, ?, ?, ?, ?)",
            [code, wanted["number"], *said],
        ).lastrowid
    rows = [
        (place, position, json.dumps(record, ensure_ascii=False)) for position, record in enumerate(wanted["records"])
    ]
    session.executemany("INSERT INTO record VALUES (?, ?, ?)", rows)


def _records(session: sqlite3.Connection, batch: int, drift: _Drift) -> list[dict[str, Any]]:
    rows = session.execute("SELECT body FROM record WHERE batch = ? ORDER BY position", [batch])
    return [drift.record(json.loads(body)) for (body,) in rows]


def _announced(session: sqlite3.Connection, code: str, after: str, drift: _Drift) -> dict[str, Any] | None:
    row = session.execute(
        "SELECT id, number, supplied_on, announced, digest FROM batch WHERE code = ? AND id > ? ORDER BY id LIMIT 1",
        [code, int(after or 0)],
    ).fetchone()
    if row is None:
        return None
    records = _records(session, row[0], drift)
    digest = row[4] or reduce(chained, (record_hash(record) for record in records), "")
    return {
        "number": row[1], "cursor": str(row[0]), "supplied_on": row[2],
        "records": len(records) if row[3] is None else row[3], "digest": digest,
    }  # fmt: skip


def _page_of(
    session: sqlite3.Connection, batch: tuple[str, str], page: int, size: int,
    shape: tuple[list[dict[str, str]], _Drift],
) -> _Answer:  # fmt: skip
    row = session.execute("SELECT id FROM batch WHERE code = ? AND number = ?", batch).fetchone()
    if row is None or page < 1 or size < 1:
        return _Answer("404 Not Found", {"error": "NO_SUCH_BATCH"})
    columns, drift = shape
    records = _records(session, row[0], drift)
    first = (page - 1) * size
    body = {
        "columns": columns, "records": records[first : first + size], "has_more": first + size < len(records),
    }  # fmt: skip
    return _Answer(OK, body)


def _demanded(session: sqlite3.Connection, code: str, body: dict[str, Any]) -> _Answer:
    session.execute(
        "INSERT INTO demand VALUES (?, ?, ?, ?, '') ON CONFLICT (uuid) DO UPDATE SET body = excluded.body",
        [body["uuid"], code, json.dumps(body, ensure_ascii=False), RequestState.OPEN],
    )
    return _replied(session, code, body["uuid"])


def _replied(session: sqlite3.Connection, code: str, uuid: str) -> _Answer:
    row = session.execute("SELECT state, answer FROM demand WHERE uuid = ? AND code = ?", [uuid, code]).fetchone()
    if row is None:
        return _Answer("404 Not Found", {"error": "NO_SUCH_REQUEST"})
    return _Answer(OK, {"state": row[0], "answer": row[1]})


def make_sources(kept_in: Path, secret: bytes, *, host: str = "127.0.0.1", port: int = 0) -> WSGIServer:
    """Return a server ready for ``serve_forever``; port 0 takes a free one, read it from ``server_port``.

    Raises OSError where the port is taken.
    """
    return served(SourcesSimulator(kept_in, secret), host, port)
