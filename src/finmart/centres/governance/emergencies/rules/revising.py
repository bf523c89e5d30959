"""What a revised plan must be, and what it says otherwise. Pure."""

from collections.abc import Mapping
from typing import Any

from finmart.centres.governance.emergencies.rules import plans
from finmart.centres.governance.emergencies.types import Level, Plan, PlanChange, UnableToRevise

COMMANDERS = {"OPERATOR": "平台运营", "OPERATOR_ADMINISTRATOR": "平台管理员"}
HOURS = {
    "assess_hours": "核实", "contain_hours": "处置", "acknowledge_hours": "监管知悉", "answer_hours": "机构反馈",
    "recover_hours": "恢复",
}  # fmt: skip
REVIEW = "review_days"
LONGEST = 8760


def require_sound(body: Mapping[str, Any]) -> None:
    """Refuse a plan that could not be run: no steps, unknown places in words, more time where it is graver.

    Raises UnableToRevise that names the part.
    """
    if not body["steps"]:
        raise UnableToRevise("预案至少要有一个处置步骤", remedy="请填写步骤、责任方和时限")
    for one in body["wordings"]:
        for text in (one["title"], one["text"]):
            try:
                plans.said(text, plans.PLACES)
            except ValueError as error:
                known = "、".join(f"{{{place}}}" for place in plans.PLACES)
                raise UnableToRevise(f"通知用语“{text[:20]}”中的花括号有误", remedy=f"只能使用 {known}") from error
    _require_sooner_where_graver(body)


def _require_sooner_where_graver(body: Mapping[str, Any]) -> None:
    for name, label in {**HOURS, REVIEW: "复盘"}.items():
        _require_rising(label, [body["levels"][level][name] for level in Level])
    for step in body["steps"]:
        _require_rising(f"步骤“{step['text'][:20]}”", step["hours"])


def _require_rising(what: str, hours: list[int]) -> None:
    if min(hours) < 1 or max(hours) > LONGEST or list(hours) != sorted(hours):
        raise UnableToRevise(
            f"{what}的时限为 {' / '.join(map(str, hours))}，级别越重时限不得越长", remedy="请按Ⅰ至Ⅳ级由短到长填写"
        )


def changes(before: Plan, after: Plan) -> tuple[PlanChange, ...]:
    """Return what the second says otherwise, part by part, in the order of the plan."""
    old, new = _parts(before), _parts(after)
    keys = [*new, *(key for key in old if key not in new)]
    return tuple(
        PlanChange(where, old_text, new_text)
        for key in keys
        for where, old_text, new_text in [
            (new.get(key, old.get(key, ("", "")))[0], old.get(key, ("", ""))[1], new.get(key, ("", ""))[1])
        ]
        if old_text != new_text
    )


def _parts(plan: Plan) -> dict[str, tuple[str, str]]:
    """Return key → (where, what it says)."""
    found = {
        "title": ("名称", plan.title), "scenario": ("情形", plan.scenario), "trigger": ("启动条件", plan.trigger),
        "source": ("来源", plan.source),
    }  # fmt: skip
    for one in plan.levels:
        label = one.level.label
        called = [
            name for name, is_called in (("监管", one.calls_regulator), ("机构", one.calls_institutions)) if is_called
        ]
        found[f"{one.level} meaning"] = (f"{label} 含义", one.meaning)
        found[f"{one.level} command"] = (f"{label} 指挥", COMMANDERS[one.commander_role])
        found[f"{one.level} calls"] = (f"{label} 通知", "、".join(called) or "不对外通知")
        for name, words in HOURS.items():
            found[f"{one.level} {name}"] = (f"{label} {words}", f"{getattr(one, name)} 小时")
        found[f"{one.level} {REVIEW}"] = (f"{label} 复盘", f"{one.review_days} 个工作日")
    for place, step in enumerate(plan.steps, start=1):
        hours = " / ".join(str(value) for value in step.hours.values())
        found[f"step {step.code}"] = (f"步骤 {place}", f"{step.text}（{step.by.label}，{hours} 小时）")
    for wording in plan.wordings:
        found[f"words {wording.to}"] = (f"对{wording.to.label}", f"{wording.title}：{wording.text}")
    return found
