"""What each step of an emergency asks of the person at it."""

from typing import ClassVar

from django import forms

from finmart.centres.governance.emergencies.types import Level
from finmart.ui.forms import OutcomeForm

_TEXT = forms.Textarea(attrs={"rows": 3})


class AssessForm(OutcomeForm):
    """核实与定级：级别决定由谁指挥、通知谁、各步期限。"""

    needed_for: ClassVar = {"CONFIRM": ("level",), "FALSE_ALARM": ("false_reason",)}
    level = forms.ChoiceField(label="核定级别", required=False, choices=[("", "请选择"), *Level.choices()])
    false_reason = forms.CharField(label="解除理由", required=False, min_length=5, max_length=500, widget=_TEXT)


class ContainForm(OutcomeForm):
    """应急处置：预案的处置步骤在应急页面逐项登记，全部登记后才能提交。"""

    needed_for: ClassVar = {"DONE": ("contain_result",)}
    contain_result = forms.CharField(label="处置结果", required=False, max_length=1000, widget=_TEXT)


class AcknowledgeForm(OutcomeForm):
    """监管知悉与指导。"""

    guidance = forms.CharField(label="指导意见（选填）", required=False, max_length=1000, widget=_TEXT)


class RecoverForm(OutcomeForm):
    """恢复确认：依据什么判断已恢复，或还要做什么。"""

    needed_for: ClassVar = {"RECOVERED": ("recovery_basis",), "CONTINUE": ("recovery_basis",)}
    recovery_basis = forms.CharField(label="依据", required=False, max_length=1000, widget=_TEXT)


class ReviewForm(OutcomeForm):
    """复盘总结：结果、原因、教训；每行一条教训，提交后成为有期限的改进事项。"""

    needed_for: ClassVar = {"DONE": ("review_result", "review_cause", "lessons")}
    review_result = forms.CharField(label="处置结果与影响", required=False, max_length=1000, widget=_TEXT)
    review_cause = forms.CharField(label="原因分析", required=False, max_length=1000, widget=_TEXT)
    lessons = forms.CharField(label="改进事项（每行一条）", required=False, max_length=2000, widget=_TEXT)


class VerifyForm(OutcomeForm):
    """复盘复核：由撰写人以外的人员复核。"""

    needed_for: ClassVar = {"REDO": ("redo_reason",)}
    redo_reason = forms.CharField(label="退回原因", required=False, max_length=500, widget=_TEXT)


FORMS: dict[str, type[OutcomeForm]] = {
    "emergency.assess": AssessForm,
    "emergency.contain": ContainForm,
    "emergency.contain_again": ContainForm,
    "emergency.acknowledge": AcknowledgeForm,
    "emergency.recover": RecoverForm,
    "emergency.review": ReviewForm,
    "emergency.verify": VerifyForm,
}
