"""Credit, law, innovation and people: what a reader asks first, each fact as a tile that says what it means.

Whether a value needs attention is said of a few facts only, by plain rules that stand here; no score hides in them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from finmart.centres.data.profiles.types import FACT_TYPES, FactType, FactView
from finmart.centres.data.profiles.types.fact_types import CREDIT, INNOVATION, LAW, PEOPLE

GROUPS = {CREDIT: "check", LAW: "shield", INNOVATION: "target", PEOPLE: "users"}
GOOD_TAX_GRADES = frozenset("ABM")
"""A, B and M (new firms); C and D are watched (国家税务总局公告 2014 年第 40 号, 2018 年第 8 号; from memory)."""


class Tone(StrEnum):
    """How a tile reads: ``PLAIN`` is neither good nor bad."""

    ATTENTION = "attention"
    GOOD = "good"
    MISSING = "missing"
    PLAIN = "plain"


# Where any at all is too much: none is good, one or more needs attention.
ADVERSE = (
    "overdue_count", "is_listed_abnormal", "tax_arrears_fen", "litigation_count", "defendant_cases",
    "enforced_amount_fen", "is_dishonest_debtor", "penalties", "insurance_arrears_months",
)  # fmt: skip
WELCOME = ("is_high_tech", "invention_patents", "utility_model_patents", "patents_granted")


@dataclass(frozen=True, slots=True)
class Tile:
    """One fact of a dossier; ``fact`` is None where the platform has never heard of it. ``way`` says who can add it."""

    code: str
    label: str
    fact: FactView | None
    tone: Tone
    way: str = ""


@dataclass(frozen=True, slots=True)
class Dossier:
    """One of the four groups: what it comes to in a sentence, its tiles, those known first."""

    title: str
    icon: str
    said: str
    tiles: tuple[Tile, ...]
    known: int


def dossiers_of(facts: Iterable[FactView], *, own: bool) -> list[Dossier]:
    """Return the four dossiers of these facts; for others than the firm itself only of what they were told."""
    told = {fact.code: fact for fact in facts}
    found = [_dossier(group, told, own=own) for group in GROUPS]
    return [dossier for dossier in found if dossier.tiles]


def _dossier(group: str, told: Mapping[str, FactView], *, own: bool) -> Dossier:
    kinds = [kind for kind in FACT_TYPES.values() if kind.group == group and (own or kind.code in told)]
    tiles = sorted((_tile(kind, told.get(kind.code)) for kind in kinds), key=lambda tile: tile.tone is Tone.MISSING)
    values = {tile.code: tile.fact.value for tile in tiles if tile.fact and tile.tone is not Tone.MISSING}
    return Dossier(group, GROUPS[group], _SENTENCES[group](values, tiles), tuple(tiles), len(values))


def _tile(kind: FactType, fact: FactView | None) -> Tile:
    if fact is None or fact.value in (None, ()):
        way = "由供数单位提供" if kind.is_supplied else "可自行登记"
        return Tile(kind.code, kind.label, fact, Tone.MISSING, way)
    return Tile(kind.code, kind.label, fact, _tone(kind.code, fact.value))


def _tone(code: str, value: Any) -> Tone:
    if code in ADVERSE:
        return Tone.ATTENTION if value else Tone.GOOD
    if code in WELCOME and value:
        return Tone.GOOD
    if code == "tax_grade":
        return Tone.GOOD if value in GOOD_TAX_GRADES else Tone.ATTENTION
    return Tone.PLAIN


def _adverse(values: Mapping[str, Any], tiles: Iterable[Tile]) -> str:
    """Say what needs attention; that there is nothing is said only of what was looked at."""
    raised = [tile.label for tile in tiles if tile.tone is Tone.ATTENTION]
    if raised:
        return f"需要关注：{'、'.join(raised)}"
    looked = [tile.label for tile in tiles if tile.code in ADVERSE and tile.code in values]
    return f"已知的 {len(looked)} 项不良记录均为无：{'、'.join(looked)}" if looked else "还没有可据以判断的记录"


def _innovation(values: Mapping[str, Any], _: Iterable[Tile]) -> str:
    parts = ["高新技术企业"] if values.get("is_high_tech") else []
    patents = [values[code] for code in ("invention_patents", "utility_model_patents") if code in values]
    if patents:
        inventions = f"，其中发明 {values['invention_patents']} 件" if "invention_patents" in values else ""
        parts.append(f"有效专利 {sum(patents)} 件{inventions}")
    if "patents_granted" in values:
        parts.append(f"近12个月新授权 {values['patents_granted']} 件")
    return "；".join(parts) or "还没有创新方面的记录"


def _people(values: Mapping[str, Any], _: Iterable[Tile]) -> str:
    parts = [f"从业 {values['employees']} 人"] if "employees" in values else []
    insured, before = values.get("insured_employees"), values.get("insured_employees_year_ago")
    if insured is not None:
        change = f"，比上年同期 {Decimal(insured - before) / before:+.1%}" if before else ""
        parts.append(f"参保 {insured} 人{change}")
    if values.get("insurance_arrears_months"):
        parts.append(f"欠缴社保 {values['insurance_arrears_months']} 个月")
    return "；".join(parts) or "还没有人员方面的记录"


_SENTENCES: dict[str, Callable[[Mapping[str, Any], Iterable[Tile]], str]] = {
    CREDIT: _adverse, LAW: _adverse, INNOVATION: _innovation, PEOPLE: _people,
}  # fmt: skip
