"""The working calendar: a year at a glance, each day set on a page of its own (clause B13)."""

from datetime import date

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from finmart.centres.technical.parameters import operations, queries
from finmart.centres.technical.parameters.types import DayView
from finmart.kit import clock, transactions
from finmart.kit.errors import NotFound, Refusal
from finmart.ui.forms import add_refusal, answer
from finmart.ui.requests import actor_of, signed_in

WEEKDAYS = "一二三四五六日"


class DayForm(forms.Form):
    """What a day is, what it is called, and who says so."""

    is_working = forms.TypedChoiceField(
        label="当日",
        choices=[("1", "工作日"), ("0", "休息日")],
        coerce=lambda chosen: chosen == "1",
        widget=forms.RadioSelect,
    )
    name = forms.CharField(label="名称", max_length=60, required=False, help_text="例如：春节、春节调休")
    source = forms.CharField(label="依据", max_length=300, help_text="例如：国务院办公厅年度通知")


@require_GET
@signed_in
def year(request: HttpRequest) -> HttpResponse:
    """Show the twelve months of ``year``, this year where none is named."""
    asked = request.GET.get("year", "")
    shown = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else clock.today().year
    days = queries.calendar_for(actor_of(request), shown)
    months = [_month(number, [one for one in days if one.on.month == number]) for number in range(1, 13)]
    context = {
        "year": shown,
        "months": months,
        "weekdays": WEEKDAYS,
        "today": clock.today(),
        "working_days": sum(one.is_working for one in days),
        "is_announced": all(one.is_announced for one in days),
    }
    return render(request, "operator/calendar.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def day(request: HttpRequest, on: str) -> HttpResponse:
    """Show one day; make it a working day or a holiday."""
    actor = actor_of(request)
    shown = queries.day_for(actor, _date(on))
    initial = {"is_working": "1" if shown.is_working else "0", "name": shown.name}
    form = DayForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            with transactions.opened():
                operations.set_day(actor, on=shown.on, **form.cleaned_data)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, f"{shown.on} 已设为{'工作日' if form.cleaned_data['is_working'] else '休息日'}")
            return redirect(f"{reverse('operator:calendar')}?year={shown.on.year}")
    context = {"day": shown, "weekday": WEEKDAYS[shown.on.weekday()], "form": form, "is_past": shown.on < clock.today()}
    return answer(request, "operator/day.html", context)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise NotFound("没有这一天") from error


def _month(number: int, days: list[DayView]) -> tuple[int, list[list[DayView | None]]]:
    """Return the weeks of a month, Monday first, with None for days of its neighbours."""
    cells: list[DayView | None] = [None] * days[0].on.weekday()
    cells.extend(days)
    cells.extend([None] * (-len(cells) % 7))
    return number, [cells[start : start + 7] for start in range(0, len(cells), 7)]
