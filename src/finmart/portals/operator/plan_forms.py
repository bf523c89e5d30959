"""An emergency plan as people write it: texts, four levels, steps and wordings, each checked where it stands."""

from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory

from finmart.centres.governance.emergencies.types import Level, Party
from finmart.kit import clock
from finmart.ui.forms import DayInput

COMMANDERS = [("OPERATOR", "平台运营"), ("OPERATOR_ADMINISTRATOR", "平台管理员")]
MOST_HOURS, MOST_DAYS = 8760, 250
BLANK = [("", "请选择")]


def _hours(label: str) -> forms.IntegerField:
    return forms.IntegerField(label=f"{label}（小时）", min_value=1, max_value=MOST_HOURS)


class PlanForm(forms.Form):
    """What the plan is for, where its words come from, from which day on, and why it changes."""

    title = forms.CharField(label="名称", min_length=2, max_length=40)
    scenario = forms.CharField(label="情形", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    trigger = forms.CharField(label="启动条件", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    source = forms.CharField(label="来源或依据", max_length=200, help_text="如本市应急预案的名称与文号")
    valid_from = forms.DateField(label="生效日期", widget=DayInput(), help_text="复核晚于此日的，自复核之日起生效")
    reason = forms.CharField(label="修订理由", min_length=5, max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class LevelForm(forms.Form):
    """What a level means, who commands, who is told, and the deadlines."""

    meaning = forms.CharField(label="含义", max_length=200, widget=forms.Textarea(attrs={"rows": 1}))
    commander_role = forms.ChoiceField(label="指挥", choices=COMMANDERS)
    calls_regulator = forms.BooleanField(label="通知监管部门", required=False)
    calls_institutions = forms.BooleanField(label="通知机构", required=False)
    assess_hours = _hours("核实")
    contain_hours = _hours("处置")
    acknowledge_hours = _hours("监管知悉")
    answer_hours = _hours("机构反馈")
    recover_hours = _hours("恢复")
    review_days = forms.IntegerField(label="复盘（工作日）", min_value=1, max_value=MOST_DAYS)


class StepForm(forms.Form):
    """One step; an empty row is none. A step keeps its ``code`` through its versions."""

    code = forms.SlugField(required=False, max_length=40, widget=forms.HiddenInput)
    text = forms.CharField(label="步骤", max_length=200, widget=forms.Textarea(attrs={"rows": 1}))
    by = forms.ChoiceField(label="责任方", choices=[*BLANK, *((one, one.label) for one in Party if one not in
                                                              {Party.ENTERPRISE, Party.PUBLIC})])  # fmt: skip
    first = _hours("Ⅰ级")
    second = _hours("Ⅱ级")
    third = _hours("Ⅲ级")
    fourth = _hours("Ⅳ级")


class WordingForm(forms.Form):
    """What to tell whom; an empty row is nothing."""

    to = forms.ChoiceField(label="对象", choices=[*BLANK, *Party.choices()])
    title = forms.CharField(label="标题", max_length=60, widget=forms.Textarea(attrs={"rows": 1}))
    text = forms.CharField(label="正文", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


LevelSet = formset_factory(LevelForm, extra=0, min_num=4, max_num=4, validate_min=True, validate_max=True)
StepSet = formset_factory(StepForm, extra=2, max_num=30, validate_max=True, can_delete=True)
WordingSet = formset_factory(WordingForm, extra=1, max_num=5, validate_max=True, can_delete=True)
HOURS = ("first", "second", "third", "fourth")


class PlanSheet:
    """The parts of a plan on one page. ``posted`` may be None; ``words`` is the version it is written over."""

    def __init__(self, posted: Any, words: dict[str, Any]) -> None:
        self.words = words
        plain = {name: words[name] for name in ("title", "scenario", "trigger", "source")}
        levels = [
            {"meaning": meaning, **words["levels"][level]}
            for level, meaning in zip(Level, words["meanings"], strict=True)
        ]
        steps = [{**step, **dict(zip(HOURS, step["hours"], strict=True))} for step in words["steps"]]
        self.form = PlanForm(posted, initial={**plain, "valid_from": clock.today()})
        self.levels: BaseFormSet[LevelForm] = LevelSet(posted, initial=levels, prefix="levels")
        self.steps: BaseFormSet[StepForm] = StepSet(posted, initial=steps, prefix="steps")
        self.wordings: BaseFormSet[WordingForm] = WordingSet(posted, initial=words["wordings"], prefix="wordings")

    def is_valid(self) -> bool:
        return all([
            self.form.is_valid(), self.levels.is_valid(), self.steps.is_valid(), self.wordings.is_valid(),
        ])  # fmt: skip

    def named_levels(self) -> list[tuple[str, LevelForm]]:
        return [(level.label, form) for level, form in zip(Level, self.levels, strict=True)]

    def body(self) -> dict[str, Any]:
        """Return what was filled in, as the operations read it; call only after :meth:`is_valid`."""
        found = self.form.cleaned_data
        levels = [form.cleaned_data for form in self.levels]
        return {
            **self.words,
            **{name: _line(found[name]) for name in ("title", "scenario", "trigger", "source")},
            "example": bool(self.words["example"]) and found["source"] == self.words["source"],
            "meanings": [_line(one["meaning"]) for one in levels],
            "levels": {
                str(level): {name: value for name, value in one.items() if name != "meaning"}
                for level, one in zip(Level, levels, strict=True)
            },
            "steps": self._steps(),
            "wordings": [
                {name: _line(one[name]) for name in ("to", "title", "text")} for one in _kept(self.wordings)
            ],
        }  # fmt: skip

    def _steps(self) -> list[dict[str, Any]]:
        taken, made = set(), []
        for place, one in enumerate(_kept(self.steps), start=1):
            code = one["code"]
            if not code or code in taken:
                code = next(name for name in _fresh(place) if name not in taken and not self._has(name))
            taken.add(code)
            hours = [one[name] for name in HOURS]
            made.append({"code": code, "by": one["by"], "text": _line(one["text"]), "hours": hours})
        return made

    def _has(self, code: str) -> bool:
        return any(step["code"] == code for step in self.words["steps"])


def _kept(rows: "BaseFormSet[Any]") -> list[dict[str, Any]]:
    return [form.cleaned_data for form in rows if form.cleaned_data and not form.cleaned_data.get("DELETE")]


def _fresh(place: int) -> list[str]:
    return [f"added-{number}" for number in range(place, place + 61)]


def _line(text: str) -> str:
    """Return a text as one line: papers and notices have no room for more."""
    return " ".join(text.split())
