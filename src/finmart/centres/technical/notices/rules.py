"""Texts as data, and their filling in: names only, no attribute, index or format can be reached from a text."""

import tomllib
import unicodedata
from functools import cache
from importlib import resources
from string import Formatter
from typing import Final

from finmart.centres.technical.notices.types import Text, UnknownText

LONGEST_TITLE: Final = 120
LONGEST_BODY: Final = 2_000
LONGEST_LINK: Final = 300


@cache
def texts() -> dict[str, Text]:
    """Return code → text, as ``templates.toml`` has them. They change with the code, never while it runs."""
    file = resources.files("finmart.centres.technical.notices") / "templates.toml"
    found = tomllib.loads(file.read_text(encoding="utf-8"))
    return {code: Text(code, row["title"], row["body"]) for code, row in found.items()}


def placeholders(pattern: str) -> set[str]:
    """Return the names a text asks for. Raises UnknownText where it asks for more than plain names."""
    names = set()
    for _, name, specification, conversion in Formatter().parse(pattern):
        if name is None:
            continue
        if not name.isidentifier() or specification or conversion:
            raise UnknownText(f"a text may only hold plain {{name}} placeholders, not {{{name}}}")
        names.add(name)
    return names


def fill(pattern: str, values: dict[str, object], longest: int) -> str:
    """Return ``pattern`` with its placeholders filled, as one line of at most ``longest`` characters.

    Raises UnknownText where a value is missing.
    """
    missing = placeholders(pattern) - set(values)
    if missing:
        raise UnknownText(f"no value for {', '.join(sorted(missing))}")
    filled = "".join(
        literal + (_one_line(str(values[name])) if name else "") for literal, name, _, _ in Formatter().parse(pattern)
    )
    return filled if len(filled) <= longest else filled[: longest - 1] + "…"


def is_local(link: str) -> bool:
    """Does the link stay on this platform? Two leading slashes, of either kind, lead elsewhere."""
    return not link or (
        link.startswith("/") and link[1:2] not in {"/", "\\"} and len(link) <= LONGEST_LINK and link.isprintable()
    )


def _one_line(text: str) -> str:
    # Control and direction characters could forge a line of a mail or turn a sentence around.
    kept = "".join(" " if unicodedata.category(one) in {"Cc", "Zl", "Zp"} else one for one in text)
    return "".join(one for one in kept if unicodedata.bidirectional(one) not in {"RLO", "LRO", "RLE", "LRE", "PDF"})
