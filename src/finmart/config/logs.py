"""Logs for machines: one JSON object a line, with the 编号 of the request it belongs to."""

import json
import logging
from contextvars import ContextVar

from finmart.kit import clock

trace_id: ContextVar[str] = ContextVar("trace_id", default="")


class JsonLine(logging.Formatter):
    """Writes ``at``, ``level``, ``logger``, ``message`` and, where there are, ``trace_id`` and ``error``."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": clock.now().isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if trace_id.get():
            line["trace_id"] = trace_id.get()
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
