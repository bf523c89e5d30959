"""Who a firm is bound to, as a drawing: from whom it has capital, goods and guarantees, to whom it gives them.

Drawn by the server as SVG, twice: side by side for a wide screen, one under another for a phone. The page writes the
same as tables.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from finmart.centres.business.instruments.types import Guarantee
from finmart.centres.data.profiles.types import Tie

MOST = 6  # of one kind in the drawing; the tables hold all
_LONGEST = 15
_PITCH, _PILL, _HEADING, _GAP = 36, 30, 26, 12
_WIDE, _COLUMN, _FIRM_WIDTH, _FIRM_HEIGHT = 960, 310, 170, 76
_NARROW, _SPINE, _INDENT = 360, 12, 34
_THINNEST, _THICKEST = 1.5, 7.0


class Link(NamedTuple):
    """One party and how much it is of its kind (None where not known)."""

    name: str
    share: Decimal | None


@dataclass(frozen=True, slots=True)
class Band:
    """All of one kind: ``css`` names its colour and dash, ``is_source`` says that it gives to the firm."""

    css: str
    title: str
    is_source: bool
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Pill:
    """A party as drawn: its box, its words, and the line that binds it to the firm."""

    css: str
    x: int
    y: int
    width: int
    name: str
    full_name: str
    share: Decimal | None
    path: str
    stroke: str

    @property
    def name_x(self) -> int:
        return self.x + 12

    @property
    def share_x(self) -> int:
        return self.x + self.width - 10

    @property
    def text_y(self) -> int:
        return self.y + 20


@dataclass(frozen=True, slots=True)
class Drawing:
    """One drawing: its size, headings (css, text, x, y), parties, the firm's box and the firm's name in lines."""

    width: int
    height: int
    headings: tuple[tuple[str, str, int, int], ...]
    pills: tuple[Pill, ...]
    box: tuple[int, int, int, int]
    lines: tuple[tuple[str, int, int], ...]
    spine: str = ""


def bands_of(ties: dict[str, Sequence[Tie]], guarantees: Sequence[Guarantee]) -> list[Band]:
    """Return the kinds there is something of; ``ties`` by fact type."""
    had, given = ([Link(one.other, None) for one in guarantees if one.is_given is wanted] for wanted in (False, True))
    bands = (
        _band("shareholder", "股东（出资）", ties.get("shareholders", ()), is_source=True),
        _band("supplier", "供应商（供货）", ties.get("main_suppliers", ()), is_source=True),
        Band("guarantee", "为本企业担保", is_source=True, links=tuple(dict.fromkeys(had))),
        _band("investment", "对外投资", ties.get("investments", ()), is_source=False),
        _band("customer", "客户（销售）", ties.get("main_customers", ()), is_source=False),
        Band("guarantee", "本企业为其担保", is_source=False, links=tuple(dict.fromkeys(given))),
    )
    return [band for band in bands if band.links]


def _band(css: str, title: str, ties: Sequence[Tie], *, is_source: bool) -> Band:
    return Band(css, title, is_source, tuple(Link(tie.name, tie.share) for tie in ties))


def said(name: str, bands: Sequence[Band]) -> str:
    """Return the drawing in one sentence, for who does not see it."""
    counts = "，".join(f"{band.title} {len(band.links)} 家" for band in bands)
    return f"{name}的关系图：{counts}；名称与占比见下表"


def wide(name: str, bands: Sequence[Band]) -> Drawing:
    """Return the drawing in three columns: who gives to the firm, the firm, to whom it gives."""
    sides = [[band for band in bands if band.is_source is wanted] for wanted in (True, False)]
    heights = [sum(map(_height, side)) - _GAP if side else 0 for side in sides]
    height = max(*heights, _FIRM_HEIGHT) + 4
    top, left = (height - _FIRM_HEIGHT) // 2, (_WIDE - _FIRM_WIDTH) // 2
    headings, pills = [], []
    for side, tall in zip(sides, heights, strict=True):
        y, ends = (height - tall) // 2, iter(_ends(side, top))
        x = 0 if side and side[0].is_source else _WIDE - _COLUMN
        for band in side:
            headings.append((band.css, _headline(band), x, y + 18))
            y += _HEADING
            for link in band.links[:MOST]:
                path = _curve(x, y + _PILL // 2, left, next(ends), is_source=band.is_source)
                pills.append(_pill(band, link, x, y, _COLUMN, path))
                y += _PITCH
            y += _GAP
    lines = _in_lines(name, left + _FIRM_WIDTH // 2, top + _FIRM_HEIGHT // 2, per_line=10)
    return Drawing(_WIDE, height, tuple(headings), tuple(pills), (left, top, _FIRM_WIDTH, _FIRM_HEIGHT), lines)


def narrow(name: str, bands: Sequence[Band]) -> Drawing:
    """Return the drawing as a tree: the firm on top, its kinds one under another."""
    box = (0, 0, _NARROW, 52)
    headings, pills, y, latest = [], [], 52 + _GAP, 52
    for band in bands:
        headings.append((band.css, _headline(band), _INDENT, y + 18))
        y += _HEADING
        for link in band.links[:MOST]:
            latest = y + _PILL // 2
            pills.append(_pill(band, link, _INDENT, y, _NARROW - _INDENT, f"M{_SPINE} {latest}H{_INDENT}"))
            y += _PITCH
        y += _GAP
    lines = _in_lines(name, _NARROW // 2, 26, per_line=21)
    return Drawing(_NARROW, y, tuple(headings), tuple(pills), box, lines, spine=f"M{_SPINE} 52V{latest}")


def _height(band: Band) -> int:
    return _HEADING + _PITCH * min(len(band.links), MOST) + _GAP


def _headline(band: Band) -> str:
    more = len(band.links) - MOST
    return f"{band.title} {len(band.links)} 家" + (f"，图示前 {MOST} 家" if more > 0 else "")


def _ends(side: Sequence[Band], top: int) -> list[float]:
    """Return where on the firm's box each line of a side ends, evenly from top to bottom."""
    count = sum(min(len(band.links), MOST) for band in side)
    return [round(top + _FIRM_HEIGHT * (place + 1) / (count + 1), 1) for place in range(count)]


def _curve(x: int, y: int, left: int, end: float, *, is_source: bool) -> str:
    start, stop = (x + _COLUMN, left) if is_source else (x, left + _FIRM_WIDTH)
    middle = (start + stop) // 2
    return f"M{start} {y}C{middle} {y} {middle} {end} {stop} {end}"


def _pill(band: Band, link: Link, x: int, y: int, width: int, path: str) -> Pill:
    share = min(max(float(link.share or 0), 0.0), 1.0)
    stroke = f"{_THINNEST + (_THICKEST - _THINNEST) * share:.1f}"
    return Pill(band.css, x, y, width, _short(link.name, _LONGEST), link.name, link.share, path, stroke)


def _short(name: str, most: int) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"


def _in_lines(name: str, x: int, y: int, *, per_line: int) -> tuple[tuple[str, int, int], ...]:
    """Return a name in at most two lines around a middle."""
    cuts = [0, *range(per_line, len(name), per_line), len(name)]
    parts = [name[start:end] for start, end in pairwise(cuts)]
    if len(parts) > 2:
        parts = [parts[0], _short(name[per_line:], per_line)]
    first = y + 6 - 11 * (len(parts) - 1)
    return tuple((part, x, first + 22 * place) for place, part in enumerate(parts))
