"""The back office of a simulated source: what its department puts in, and how it is made to fail."""

import json
import secrets
import time
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import httpx

from finmart.kit.signing import signature


class Office:
    """The back office of one source of a simulator at ``url``."""

    def __init__(self, url: str, secret: bytes, code: str) -> None:
        self._url, self._secret, self._path = url.rstrip("/"), secret, f"/office/{code}"

    def have_columns(self, columns: Sequence[Mapping[str, str]]) -> None:
        """Set what the records hold: name and kind of every column."""
        self._put("columns", {"columns": [{"name": one["name"], "kind": one["kind"]} for one in columns]})

    def supply(
        self, number: str, supplied_on: date, records: Sequence[Mapping[str, Any]], *,
        announced: int | None = None, digest: str | None = None,
    ) -> None:  # fmt: skip
        """Put a batch in line, or another content under a number that stands there. Lies may be told of it."""
        said = {"announced": announced, "digest": digest}
        self._put(
            "batches",
            {"number": number, "supplied_on": supplied_on.isoformat(), "records": list(records)}
            | {name: value for name, value in said.items() if value is not None},
        )

    def drift(
        self, *, rename: Mapping[str, str] | None = None, drop: Sequence[str] = (),
        retype: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        """Change the columns without a word; nothing named means back to what was agreed."""
        self._put("drift", {"rename": dict(rename or {}), "drop": list(drop), "retype": dict(retype or {})})

    def fail(self, kind: str, *, times: int = 1, seconds: float = 0) -> None:
        """Have the next questions fail: BUSY (429), ERROR (503), GARBLED (no JSON), TIMEOUT (after ``seconds``)."""
        self._put("failures", {"kind": kind, "times": times, "seconds": seconds})

    def limit(self, per_minute: int) -> None:
        """Set how many questions a minute are answered."""
        self._put("limit", {"per_minute": per_minute})

    def reply(self, uuid: str, state: str, answer: str) -> None:
        """Answer a demand."""
        self._put(f"requests/{uuid}", {"state": state, "answer": answer})

    def _put(self, what: str, body: Mapping[str, Any]) -> None:
        path, content = f"{self._path}/{what}", json.dumps(body, ensure_ascii=False).encode()
        stamp, nonce = str(int(time.time())), secrets.token_hex(16)
        signed = signature(self._secret, "POST", urlsplit(self._url).path + path, stamp, nonce, content)
        headers = {"X-Timestamp": stamp, "X-Nonce": nonce, "X-Signature": signed}
        # a simulator speaks plain HTTP on this machine: no certificates are read
        answer = httpx.post(self._url + path, content=content, headers=headers, trust_env=False, verify=False)  # noqa: S501
        answer.raise_for_status()
