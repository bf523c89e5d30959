"""Form fields and answers that read the same on every page."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from finmart.kit import money, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound, Refusal


class Renderer(TemplatesSetting):
    """Draws every form and field with our own templates: label, control, help, error beside it."""

    form_template_name = "ui/form.html"
    field_template_name = "ui/field.html"


class AmountField(forms.CharField):
    """An amount written in yuan; cleans to whole fen (int). Shows the amount in capitals (金额大写) while typing."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", 40)
        super().__init__(**options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "inputmode": "decimal", "data-capitals": "", "autocomplete": "off"}

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if text in self.empty_values:
            return None
        try:
            return money.parse_yuan(str(text))
        except Refusal as refusal:
            raise forms.ValidationError(sentence(refusal)) from refusal

    def prepare_value(self, value: Any) -> Any:
        return money.format_yuan(value).replace(",", "") if isinstance(value, int) else value


class PercentField(forms.CharField):
    """A yearly rate written in percent (``4.35``); cleans to a Decimal fraction (``0.0435``)."""

    def __init__(self, *, at_most: Decimal = Decimal(100), **options: Any) -> None:
        self.at_most = at_most
        super().__init__(max_length=12, **options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "inputmode": "decimal", "data-suffix": "%", "autocomplete": "off"}

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if text in self.empty_values:
            return None
        try:
            percent = Decimal(str(text).strip().rstrip("%％"))
        except InvalidOperation as error:
            raise forms.ValidationError("请填写百分数，例如 4.35") from error
        if not percent.is_finite() or not 0 <= percent <= self.at_most:
            raise forms.ValidationError(f"请填写 0 到 {self.at_most} 之间的百分数")
        return percent / 100

    def prepare_value(self, value: Any) -> Any:
        return f"{(value * 100).normalize():f}" if isinstance(value, Decimal) else value


class DayInput(forms.DateInput):
    """The browser's own day picker."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class OutcomeForm(forms.Form):
    """A form handed in with one of several outcomes; ``needed_for`` maps an outcome to the fields it cannot do without.

    Its fields are optional in themselves: what a no needs, a yes does not. ``asks_colleague`` names a field whose
    choices are people of the actor's own organisation, given to :meth:`offer`: those with one of ``colleague_roles``
    (all where empty), without those the process lists in the variable ``barred_from``.
    """

    needed_for: ClassVar[dict[str, tuple[str, ...]]] = {}
    asks_colleague: ClassVar[str] = ""
    colleague_roles: ClassVar[tuple[str, ...]] = ()
    barred_from: ClassVar[str] = ""

    def __init__(self, *args: Any, outcome: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.outcome = outcome

    def know(self, actor: Actor, case_uuid: UUID) -> None:
        """Learn what the case says about what may be filled in; most forms need nothing of it."""

    def offer(self, people: list[tuple[int, str]]) -> None:
        """Take the people the field of :attr:`asks_colleague` offers."""
        asked = self.fields[self.asks_colleague]
        if isinstance(asked, forms.ChoiceField):
            asked.choices = [("", "请选择"), *people]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in self.needed_for.get(self.outcome, ()):
            if not cleaned.get(name) and name not in self.errors:
                verb = "勾选" if isinstance(self.fields[name], forms.BooleanField) else "填写"
                self.add_error(name, f"选择该结论时，请{verb}“{self.fields[name].label}”")
        return cleaned

    def values(self) -> dict[str, Any]:
        """Return what was filled in, as JSON values: amounts in fen, rates as text, days in ISO form."""
        return {name: _as_json(value) for name, value in self.cleaned_data.items() if value not in (None, "")}


def _as_json(value: Any) -> Any:
    if isinstance(value, bool | int | str):
        return value
    return str(value) if isinstance(value, Decimal) else value.isoformat()


def sentence(refusal: Refusal) -> str:
    """Return a refusal as one text: what is wrong, then what to do."""
    return f"{refusal.message}。{refusal.remedy}" if refusal.remedy else refusal.message


def add_refusal(form: forms.BaseForm, refusal: Refusal) -> None:
    """Put a refusal beside the field it is about, or above the form where it names none of the form's fields.

    What the actor may not do or know of is no mistake in a form: AccessDenied and NotFound are raised again,
    so that the edge records and answers them.
    """
    if isinstance(refusal, AccessDenied | NotFound):
        raise refusal
    form.add_error(refusal.field if refusal.field in form.fields else None, sentence(refusal))


def done(form: forms.Form, act: Callable[[], object]) -> bool:
    """Act on a form that is filled in well, in one transaction; return whether it is done.

    Where not, what is wrong stands beside its field. AccessDenied and NotFound are raised, as by :func:`add_refusal`.
    """
    if not form.is_valid():
        return False
    try:
        with transactions.opened():
            act()
    except Refusal as refusal:
        add_refusal(form, refusal)
        return False
    return True


def answer(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Render a page with a form: 422 where ``context["form"]`` (or any form of it) has errors, 200 otherwise."""
    wrong = any(isinstance(value, forms.BaseForm) and value.is_bound and value.errors for value in context.values())
    return render(request, template, context, status=422 if wrong else 200)
