"""The elements of ours inside ``extensionElements``; the README of this package is their reference."""

import re
from fractions import Fraction

from lxml import etree

from finmart.integrations.bpmn.documents import line_of, ours, text_of
from finmart.integrations.bpmn.model import Outcome, SignOffKind, SignOffRule, Step, TimeLimit

UNITS = ("CALENDAR_DAYS", "HOURS", "WORKING_DAYS")
ESCALATE = "ESCALATE"
DONE = Outcome("DONE", "完成", positive=True)
_DURATION = re.compile(r"^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$")
_CODE = re.compile(r"^[A-Z][A-Z0-9_]{0,39}$")
_ALLOWED = {
    "step": {"clause", "form", "roles", "returnable", "owing", "notSameAs", "barredFrom"},
    "deadline": {"amount", "amountFrom", "unit", "until", "setting", "pausable", "source", "onTimeout"},
    "signOff": {"kind", "signers", "count", "seats", "minimum", "ratio"},
    "outcome": {"code", "label", "positive"},
    "decision": {"ref"},
    "lane": {"roles"},
    "process": {"clause"},
}


class Faults(list[str]):
    """What is wrong with a model, one sentence each, with element id and line."""

    def at(self, element: etree._Element, sentence: str) -> None:
        owner: etree._Element | None = element
        while owner is not None and not owner.get("id"):
            owner = owner.getparent()
        name = owner.get("id") if owner is not None else ""
        self.append(f"第 {line_of(element)} 行 {name or '流程'}：{sentence}")


def one(element: etree._Element, name: str, faults: Faults) -> etree._Element | None:
    """Return the single extension element ``name`` or None; faults where repeated or with unknown attributes."""
    found = ours(element, name)
    if len(found) > 1:
        faults.at(found[1], f"finmart:{name} 只能出现一次")
    for each in found:
        _check_attributes(each, name, faults)
    return found[0] if found else None


def _check_attributes(element: etree._Element, name: str, faults: Faults) -> None:
    unknown = sorted(str(key) for key in element.attrib if str(key) not in _ALLOWED[name])
    if unknown:
        faults.at(element, f"finmart:{name} 不认识属性 {'、'.join(unknown)}")


def _whole(element: etree._Element, name: str, default: int, faults: Faults) -> int:
    text = element.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        faults.at(element, f"{name} 应为不带符号的整数，现为“{text[:20]}”")
        return default
    return int(text)


def _yes(element: etree._Element | None, name: str, default: bool, faults: Faults) -> bool:  # noqa: FBT001 - read from one attribute
    text = element.get(name) if element is not None else None
    if text is None or element is None:
        return default
    if text not in {"true", "false"}:
        faults.at(element, f"{name} 只能是 true 或 false")
    return text == "true"


def time_limit(element: etree._Element, faults: Faults) -> TimeLimit | None:
    """Read ``finmart:deadline`` of a step or timer event; None where there is none."""
    found = one(element, "deadline", faults)
    if found is None:
        return None
    unit = found.get("unit", "CALENDAR_DAYS")
    if unit not in UNITS:
        faults.at(found, f"unit 只能是 {'、'.join(UNITS)}")
    limit = TimeLimit(
        amount=_whole(found, "amount", 0, faults),
        unit=unit,
        amount_from=found.get("amountFrom", ""),
        until=found.get("until", ""),
        setting=found.get("setting", ""),
        pausable=_yes(found, "pausable", False, faults),  # noqa: FBT003 - the default
        source=found.get("source", ""),
        on_timeout=found.get("onTimeout", ""),
    )
    if not (limit.amount or limit.amount_from or limit.until or limit.setting):
        faults.at(found, "期限缺少 amount、amountFrom、until 或 setting")
    return limit


def timer(element: etree._Element, faults: Faults) -> TimeLimit | None:
    """Read when a timer event fires: our deadline, else the duration of BPMN."""
    limit = time_limit(element, faults)
    if limit is not None:
        return limit
    text = text_of(element, "timerEventDefinition", "timeDuration").strip("\"'")
    found = _DURATION.match(text)
    if not found or not any(found.groups()):
        faults.at(element, "定时事件需要 finmart:deadline 或形如 P3D、PT2H 的 timeDuration")
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return TimeLimit(seconds=((days * 24 + hours) * 60 + minutes) * 60 + seconds)


def _outcomes(element: etree._Element, faults: Faults) -> tuple[Outcome, ...]:
    found = ours(element, "outcome")
    if not found:
        return (DONE,)
    for each in found:
        _check_attributes(each, "outcome", faults)
        if not _CODE.match(each.get("code", "")) or not each.get("label"):
            faults.at(each, "finmart:outcome 需要大写 code 与中文 label")
    marked = any(each.get("positive") == "true" for each in found)
    rows = tuple(
        Outcome(
            each.get("code", ""),
            each.get("label", ""),
            _yes(each, "positive", False, faults) if marked else place == 0,  # noqa: FBT003 - the default
        )
        for place, each in enumerate(found)
    )
    if len({row.code for row in rows}) < len(rows):
        faults.at(found[0], "结果代码重复")
    return rows


def _sign_off(element: etree._Element, faults: Faults) -> SignOffRule:
    found = one(element, "signOff", faults)
    if found is None:
        return SignOffRule()
    kind = found.get("kind", "")
    if kind not in SignOffKind.__members__:
        faults.at(found, f"kind 只能是 {'、'.join(SignOffKind.__members__)}")
        return SignOffRule()
    try:
        ratio = Fraction(found.get("ratio", "1"))
    except (ValueError, ZeroDivisionError):
        ratio = Fraction(0)
    if not 0 < ratio <= 1:
        faults.at(found, "ratio 应大于 0 且不超过 1")
    if sum(found.get(name) is not None for name in ("signers", "count", "seats")) > 1:
        faults.at(found, "signers、count、seats 只能选一个")
    return SignOffRule(
        SignOffKind(kind), found.get("signers", ""), found.get("count", ""),
        _whole(found, "seats", 1, faults), _whole(found, "minimum", 1, faults), ratio,
    )  # fmt: skip


def step(element: etree._Element, faults: Faults) -> Step:
    """Read all that a user task says about its work item."""
    found = one(element, "step", faults)
    attributes = {str(k): str(v) for k, v in found.attrib.items()} if found is not None else {}
    read = Step(
        clause=attributes.get("clause", ""),
        form=attributes.get("form", ""),
        roles=tuple(attributes.get("roles", "").split()),
        returnable=_yes(found, "returnable", True, faults),  # noqa: FBT003 - the default
        owing=_yes(found, "owing", False, faults),  # noqa: FBT003 - the default
        not_same_as=tuple(attributes.get("notSameAs", "").split()),
        barred_from=attributes.get("barredFrom", ""),
        deadline=time_limit(element, faults),
        sign_off=_sign_off(element, faults),
        outcomes=_outcomes(element, faults),
    )
    way_out = read.deadline.on_timeout if read.deadline else ""
    if way_out and way_out != ESCALATE and way_out not in {row.code for row in read.outcomes}:
        faults.at(element, f"onTimeout 的结果 {way_out} 不在本步骤的结果中")
    return read
