"""What an institution that was called is asked."""

from typing import ClassVar

from django import forms

from finmart.ui.forms import OutcomeForm


class AnswerForm(OutcomeForm):
    """协同处置反馈：做了什么，或为什么做不到。"""

    needed_for: ClassVar = {"DONE": ("measures",), "UNABLE": ("measures",)}
    measures = forms.CharField(
        label="已采取的措施或无法落实的原因", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


FORMS: dict[str, type[OutcomeForm]] = {"emergency_call.answer": AnswerForm}
