"""Large, medium, small, micro: the dated rule of sixteen industries, and the industry of a code of GB/T 4754.

Bounds: 工信部联企业〔2011〕300号, taken over by 国家统计局《统计上大中小微型企业划分办法（2017）》 for the codes of
GB/T 4754-2017. A firm is of the highest size of which it reaches every bound of its industry. Finance, education,
health and public administration have no size. Which codes belong to which industry is not checked against
the rule's annex: see docs/algorithms/profile.md, Sizes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from finmart.centres.data.profiles.types import Size, SizeVerdict

EMPLOYEES, REVENUE, ASSETS, CODE, SECTION = (
    "employees", "annual_revenue_fen", "total_assets_fen", "industry_code", "industry_section",
)  # fmt: skip
INPUTS = (EMPLOYEES, REVENUE, ASSETS, CODE, SECTION)
_TEN_THOUSAND_YUAN = 1_000_000
_SIZES = (Size.LARGE, Size.MEDIUM, Size.SMALL)
Bounds = Mapping[str, tuple[int, int, int]]


def _bounds(**of: tuple[int, int, int]) -> Bounds:
    """Return the bounds of large, medium and small; persons, or ten thousand yuan."""
    names = {"people": (EMPLOYEES, 1), "revenue": (REVENUE, _TEN_THOUSAND_YUAN), "assets": (ASSETS, _TEN_THOUSAND_YUAN)}
    return {
        names[word][0]: (large * names[word][1], medium * names[word][1], small * names[word][1])
        for word, (large, medium, small) in of.items()
    }


_INDUSTRIES: dict[str, Bounds] = {
    "农、林、牧、渔业": _bounds(revenue=(20_000, 500, 50)),
    "工业": _bounds(people=(1_000, 300, 20), revenue=(40_000, 2_000, 300)),
    "建筑业": _bounds(revenue=(80_000, 6_000, 300), assets=(80_000, 5_000, 300)),
    "批发业": _bounds(people=(200, 20, 5), revenue=(40_000, 5_000, 1_000)),
    "零售业": _bounds(people=(300, 50, 10), revenue=(20_000, 500, 100)),
    "交通运输业": _bounds(people=(1_000, 300, 20), revenue=(30_000, 3_000, 200)),
    "仓储业": _bounds(people=(200, 100, 20), revenue=(30_000, 1_000, 100)),
    "邮政业": _bounds(people=(1_000, 300, 20), revenue=(30_000, 2_000, 100)),
    "住宿业": _bounds(people=(300, 100, 10), revenue=(10_000, 2_000, 100)),
    "餐饮业": _bounds(people=(300, 100, 10), revenue=(10_000, 2_000, 100)),
    "信息传输业": _bounds(people=(2_000, 100, 10), revenue=(100_000, 1_000, 100)),
    "软件和信息技术服务业": _bounds(people=(300, 100, 10), revenue=(10_000, 1_000, 50)),
    "房地产开发经营": _bounds(revenue=(200_000, 1_000, 100), assets=(10_000, 5_000, 2_000)),
    "物业管理": _bounds(people=(1_000, 300, 100), revenue=(5_000, 1_000, 500)),
    "租赁和商务服务业": _bounds(people=(300, 100, 10), assets=(120_000, 8_000, 100)),
    "其他未列明行业": _bounds(people=(300, 100, 10)),
}
_OF_DIVISIONS = (
    (1, 5, "农、林、牧、渔业"), (6, 46, "工业"), (47, 50, "建筑业"), (51, 51, "批发业"), (52, 52, "零售业"),
    (53, 58, "交通运输业"), (59, 59, "仓储业"), (60, 60, "邮政业"), (61, 61, "住宿业"), (62, 62, "餐饮业"),
    (63, 64, "信息传输业"), (65, 65, "软件和信息技术服务业"), (71, 72, "租赁和商务服务业"), (73, 82, "其他未列明行业"),
    (85, 90, "其他未列明行业"),
)  # fmt: skip
_OF_GROUPS = {
    "701": "房地产开发经营",
    "702": "物业管理",
    "703": "其他未列明行业",
    "704": "其他未列明行业",
    "709": "其他未列明行业",
}
_OF_SECTIONS = {
    "A": "农、林、牧、渔业", "B": "工业", "C": "工业", "D": "工业", "E": "建筑业", "L": "租赁和商务服务业",
    "M": "其他未列明行业", "N": "其他未列明行业", "O": "其他未列明行业", "R": "其他未列明行业",
}  # fmt: skip
_LEFT_OUT_DIVISIONS, _LEFT_OUT_SECTIONS = {*range(66, 70), 83, 84, *range(91, 98)}, frozenset("JPST")
REAL_ESTATE = 70


@dataclass(frozen=True, slots=True)
class SizeRule:
    """A rule in force from a day on."""

    name: str
    valid_from: date
    industries: Mapping[str, Bounds]


RULES = (
    SizeRule("中小企业划型标准规定（工信部联企业〔2011〕300号）", date(2011, 6, 18), _INDUSTRIES),
    SizeRule("统计上大中小微型企业划分办法（2017）", date(2017, 12, 28), _INDUSTRIES),
)


def size_of(facts: Mapping[str, object], on: date) -> SizeVerdict:
    """Return the size of a firm by the rule in force on a day, or which facts (INPUTS) are missing to tell.

    A missing number is no obstacle where the known ones decide: too few people are micro whatever the revenue.
    """
    rule = next((one for one in reversed(RULES) if one.valid_from <= on), None)
    if rule is None:
        return SizeVerdict(None, "", "", (), "当日尚无划型规定")
    code, section = facts.get(CODE), facts.get(SECTION)
    industry = industry_of(str(code) if code else "", str(section) if section else "")
    if industry is None:
        return SizeVerdict(None, "", rule.name, (CODE,), "")
    if not industry:
        return SizeVerdict(None, "", rule.name, (), "该行业不在划型规定范围内")
    bounds = rule.industries[industry]
    known = {name: facts.get(name) for name in bounds}
    missing = tuple(name for name, value in known.items() if value is None)
    least = _size(bounds, {name: 0 if value is None else int(str(value)) for name, value in known.items()})
    most = _size(bounds, {name: None if value is None else int(str(value)) for name, value in known.items()})
    if least != most:
        return SizeVerdict(None, industry, rule.name, missing, "")
    return SizeVerdict(least, industry, rule.name, (), "")


def _size(bounds: Bounds, values: Mapping[str, int | None]) -> Size:
    """Return the highest size every value reaches; None reaches all."""
    for place, size in enumerate(_SIZES):
        found = ((values[name], of_name[place]) for name, of_name in bounds.items())
        if all(value is None or value >= bound for value, bound in found):
            return size
    return Size.MICRO


def industry_of(code: str, section: str) -> str | None:
    """Return the rule's industry of a code (``C3911``, ``39``) or section letter; None unknown, "" left out."""
    digits = code.strip().upper().lstrip("ABCDEFGHIJKLMNOPQRST")
    if len(digits) >= 2 and digits.isdigit():
        division = int(digits[:2])
        if division == REAL_ESTATE:
            return _OF_GROUPS.get(digits[:3])
        if division in _LEFT_OUT_DIVISIONS:
            return ""
        return next((name for first, last, name in _OF_DIVISIONS if first <= division <= last), None)
    letter = (section or code).strip().upper()[:1]
    return "" if letter in _LEFT_OUT_SECTIONS and letter else _OF_SECTIONS.get(letter)


def cluster_of(code: str, clusters: Mapping[str, tuple[str, ...]]) -> str | None:
    """Return the cluster whose industries (prefixes of codes) hold this code, the longest prefix deciding."""
    digits = code.strip().upper().lstrip("ABCDEFGHIJKLMNOPQRST")
    held = [
        (len(prefix), name) for name, prefixes in clusters.items() for prefix in prefixes if digits.startswith(prefix)
    ]
    return max(held)[1] if digits and held else None
