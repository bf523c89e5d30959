"""What the one step of an appeal asks: the finding always has reasons."""

from typing import ClassVar

from django import forms

from finmart.ui.forms import OutcomeForm


class FindingForm(OutcomeForm):
    """答复：采纳要写明如何更正，不采纳要写明理由；申诉方可见。"""

    needed_for: ClassVar = {"ACCEPT": ("finding_reason",), "REJECT": ("finding_reason",)}
    finding_reason = forms.CharField(
        label="结论理由与更正措施（申诉方可见）", required=False, max_length=1_500,
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip


FORMS: dict[str, type[OutcomeForm]] = {"appeal.decide": FindingForm}
