"""The filter of the list, and what a party writes."""

from typing import Any
from uuid import UUID

from django import forms

from finmart.centres.business.cases.types import LONGEST_TEXT, CaseFilter, CaseKind, CaseState, CaseView
from finmart.kit.ids import new_uuid
from finmart.ui.forms import DayInput

ALL = [("", "全部")]


class FilterForm(forms.Form):
    """What a list is narrowed to; everything may be left out."""

    text = forms.CharField(label="关键词", required=False, max_length=60, help_text="编号、事项或参与方")
    state = forms.ChoiceField(label="状态", required=False, choices=ALL + CaseState.choices())
    kind = forms.ChoiceField(label="类型", required=False, choices=ALL + CaseKind.choices())
    opened_from = forms.DateField(label="立案起", required=False, widget=DayInput())
    opened_to = forms.DateField(label="立案止", required=False, widget=DayInput())

    def narrowed(self) -> CaseFilter:
        """Return the filter of a valid form."""
        found = self.cleaned_data
        return CaseFilter(
            state=found["state"],
            kind=found["kind"],
            text=found["text"],
            opened_from=found["opened_from"],
            opened_to=found["opened_to"],
        )


class MessageForm(forms.Form):
    """A message to one party or to all; ``message_uuid`` is chosen when the form is shown, against double clicks."""

    recipient = forms.ChoiceField(label="发送给", required=False)
    text = forms.CharField(label="内容", max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 3}), strip=True)
    message_uuid = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, case: CaseView, **options: Any) -> None:
        options.setdefault("initial", {"message_uuid": new_uuid()})
        super().__init__(**options)
        field = self.fields["recipient"]
        if isinstance(field, forms.ChoiceField):
            others = [(str(party.uuid), f"{party.name}（{party.role_label}）") for party in case.recipients]
            field.choices = [("", "全部参与方"), *others]

    def chosen_recipient(self) -> UUID | None:
        chosen = self.cleaned_data["recipient"]
        return UUID(chosen) if chosen else None


class NoteForm(forms.Form):
    """A line for the timeline: for the own organisation, unless all parties are to read it."""

    note = forms.CharField(label="备注", max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 2}))
    for_all = forms.BooleanField(label="全部参与方可见（不勾选则仅本机构可见）", required=False)
