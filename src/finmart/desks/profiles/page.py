"""One page of a firm for the firm itself and for those it allows: what facts come to, in pictures and tables."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from finmart.centres.business.instruments.types import Guarantee
from finmart.centres.data.profiles import queries as profiles_queries
from finmart.centres.data.profiles.types import FACT_TYPES, GROUPS, FactKind, FactType, FactView, PeerRank, Series, Tie
from finmart.centres.technical.parties.types import OrganisationRef
from finmart.desks.profiles import dossiers, relations
from finmart.desks.profiles.names import cluster_names, district_name

# What the radar shows: a fact, its name there, and whether less is better.
AXES = (
    ("annual_sales_fen", "规模", False), ("sales_growth", "成长", False), ("sales_volatility", "稳定", True),
    ("gross_margin", "毛利", False), ("customer_concentration", "客户分散", True),
    ("customer_retention", "客户留存", False), ("void_share", "开票规范", True),
)  # fmt: skip
TIES = (("main_customers", "客户"), ("main_suppliers", "供应商"), ("shareholders", "股东"), ("investments", "对外投资"))
HIGHLIGHTS = ("annual_sales_fen", "sales_growth", "employees", "tax_grade")
_SERIES = (("monthly_sales", "销售额"), ("monthly_purchases", "采购额"))
_WAN = 1_000_000


@dataclass(frozen=True, slots=True)
class Axis:
    """One corner of the radar: better than which share of so many peers."""

    name: str
    label: str
    share: float
    firms: int
    group: str


@dataclass(frozen=True, slots=True)
class Section:
    """The facts of one group, and how many more of it are not known."""

    title: str
    facts: tuple[FactView, ...]
    is_long: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """What is not known, and who can add it."""

    way: str
    labels: tuple[str, ...]


SHORT = 4
FEWEST_AXES = 3


def page_of(
    facts: Sequence[FactView], *, name: str, today: date, own: bool, guarantees: Sequence[Guarantee] = ()
) -> dict[str, Any]:  # fmt: skip
    """Return what the template ``profiles/_page.html`` shows of these facts and guarantees and of nothing else.

    ``own``: for the firm itself, whom it also tells what is missing.
    """
    known = _known(facts)
    bands = relations.bands_of({code: _rows(known[code]) for code, _ in TIES if code in known}, guarantees)
    months = _months(known)
    ties = [(word, known[code], _rows(known[code])) for code, word in TIES if code in known]
    return {
        "is_empty": not facts and not guarantees,
        "head": _head(known, name, today),
        "highlights": [known[code] for code in HIGHLIGHTS if code in known],
        "months": months,
        "lines": _lines(months) if months else None,
        "ties": ties,
        "guarantees": guarantees,
        "drawings": ((relations.wide(name, bands), "wide"), (relations.narrow(name, bands), "narrow")) if bands else (),
        "relations_said": relations.said(name, bands),
        "dossiers": dossiers.dossiers_of(facts, own=own),
        "sections": _sections(facts),
        "gaps": _gaps(known, {fact.code: fact for fact in facts}),
    }


def standing_of(facts: Sequence[FactView], firm: OrganisationRef) -> dict[str, Any]:
    """Return where the firm stands: its district and cluster, and beside its peers; for ``profiles/_standing.html``."""
    known = _known(facts)
    asked = [code for code, _, _ in AXES if code in known]
    axes = _axes(profiles_queries.ranks_of(firm.id, asked)) if asked else []
    cluster = known.get("industry_cluster")
    return {
        "district": district_name(firm.district),
        "cluster": cluster_names().get(str(cluster.value), "") if cluster else "",
        "axes": axes,
        "radar": _radar(axes) if len(axes) >= FEWEST_AXES else None,
    }


def _known(facts: Iterable[FactView]) -> dict[str, FactView]:
    return {fact.code: fact for fact in facts if fact.value not in (None, ())}


def _head(known: Mapping[str, FactView], name: str, today: date) -> dict[str, Any]:
    founded = known.get("established_on")
    age = (today - founded.value).days // 365 if founded and isinstance(founded.value, date) else None
    size = known.get("size_class")
    values = {code: fact.value for code, fact in known.items()}
    needed = [FACT_TYPES[code].label for code in profiles_queries.size_needs(values, today)]
    return {
        "name": name,
        "size": size.text if size else "",
        "needed": needed,
        "age": age,
        "is_high_tech": "is_high_tech" in known and known["is_high_tech"].value is True,
    }


def _axes(ranks: Mapping[str, PeerRank]) -> list[Axis]:
    return [
        Axis(name, ranks[code].label, 1 - ranks[code].share if less_is_better else ranks[code].share,
             ranks[code].firms, ranks[code].group.label)
        for code, name, less_is_better in AXES if code in ranks
    ]  # fmt: skip


def _radar(axes: Sequence[Axis]) -> dict[str, Any]:
    values = [round(axis.share * 100) for axis in axes]
    return {
        "tooltip": {},
        "radar": {"indicator": [{"name": axis.name, "max": 100} for axis in axes], "radius": "65%",
                  "axisName": {"color": "#1f2937"}},
        "series": [{"type": "radar", "data": [
            {"value": values, "name": "本企业", "areaStyle": {"opacity": 0.2}},
            {"value": [50] * len(axes), "name": "同类企业中位", "lineStyle": {"type": "dashed"}, "symbol": "none"},
        ]}],
        "legend": {"bottom": 0},
    }  # fmt: skip


def _months(known: Mapping[str, FactView]) -> list[tuple[str, list[int | None]]]:
    """Return month → amounts of sales and purchases in fen, None where not known."""
    series = [dict(cast("Series", known[code].value)) if code in known else {} for code, _ in _SERIES]
    months = sorted({month for one in series for month in one})
    return [(month, [one.get(month) for one in series]) for month in months]


def _wan(fen: int | None) -> float | None:
    return None if fen is None else round(fen / _WAN, 2)


def _lines(months: Sequence[tuple[str, list[int | None]]]) -> dict[str, Any]:
    return {
        "tooltip": {"trigger": "axis"},
        "legend": {"top": 0},
        "grid": {"left": 8, "right": 16, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "category", "data": [month for month, _ in months]},
        "yAxis": {"type": "value", "name": "万元"},
        "series": [
            {"name": name, "type": "line", "showSymbol": False,
             "data": [_wan(amounts[place]) for _, amounts in months]}
            for place, (_, name) in enumerate(_SERIES)
        ],
    }  # fmt: skip


def _rows(fact: FactView) -> tuple[Tie, ...]:
    return cast("tuple[Tie, ...]", fact.value)


def _sections(facts: Sequence[FactView]) -> list[Section]:
    drawn = {FactKind.SERIES, FactKind.TIES}
    of_group: dict[str, list[FactView]] = {group: [] for group in GROUPS}
    for fact in facts:
        if fact.group not in dossiers.GROUPS and (FACT_TYPES[fact.code].kind not in drawn or fact.value in (None, ())):
            of_group[fact.group].append(fact)
    return [Section(group, tuple(found), len(found) > SHORT) for group, found in of_group.items() if found]


def _gaps(known: Mapping[str, FactView], told: Mapping[str, FactView]) -> list[Gap]:
    missing = [kind for code, kind in FACT_TYPES.items() if code not in known]
    ways: tuple[tuple[str, list[FactType]], ...] = (
        ("在“补充数据”中登记，或由来源提供", [kind for kind in missing if kind.is_recordable and not kind.is_supplied]),
        ("由供数单位提供；可向平台提出数据需求", [kind for kind in missing if kind.is_supplied]),
        ("补齐上面的数据后自动得出", [kind for kind in missing if kind.is_derived]),
        ("导入更多月份的发票后自动算出", [kind for kind in missing if kind.is_computed and kind.code in told]),
        ("导入发票后自动算出", [kind for kind in missing if kind.is_computed and kind.code not in told]),
    )
    return [Gap(way, tuple(kind.label for kind in kinds)) for way, kinds in ways if kinds]
