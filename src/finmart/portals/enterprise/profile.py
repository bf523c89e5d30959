"""A firm's own facts: every one with its source, date and grade; what is missing is said to be missing."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from finmart.centres.business.catalogue import queries as catalogue_queries
from finmart.centres.business.instruments import queries as instruments_queries
from finmart.centres.data.profiles import operations as profiles_operations
from finmart.centres.data.profiles import queries as profiles_queries
from finmart.centres.data.profiles.types import FACT_TYPES, FactKind, FactType, RecordedFact
from finmart.centres.data.risk import queries as risk_queries
from finmart.centres.technical.parties import queries as parties_queries
from finmart.desks.profiles import page as profile_page
from finmart.desks.profiles.marks import disputed_inputs
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import Refusal
from finmart.portals.enterprise.needs import firm
from finmart.ui.forms import AmountField, DayInput, add_refusal, answer
from finmart.ui.requests import signed_in

YES_NO = [("", "未填"), ("1", "是"), ("0", "否")]


@require_GET
@signed_in
def show(request: HttpRequest) -> HttpResponse:
    """Show what the platform knows of the actor's own firm.

    ``?known=2026-05-01`` shows what was known at the end of that day.
    """
    actor = firm(request)
    past = _day_of(request.GET.get("known", ""))
    known_by = datetime.combine(past, time.max, tzinfo=clock.CITY_ZONE) if past else None
    facts, troubles = profiles_queries.supply_of(profiles_queries.own_facts_for(actor, known_by=known_by))
    context = {
        "profile": profile_page.page_of(
            facts, name=actor.organisation_name, today=past or clock.today(), own=True,
            guarantees=() if past else instruments_queries.guarantees_for(actor, actor.organisation_id or 0),
        ),
        "troubles": troubles,
        "past": past,
    }  # fmt: skip
    return render(request, "enterprise/profile.html", context)


@require_GET
@signed_in
def standing(request: HttpRequest) -> HttpResponse:
    """Answer the part of the page that holds the firm beside its peers and its score; the page fetches it."""
    actor = firm(request)
    facts = profiles_queries.own_facts_for(actor)
    own = parties_queries.organisation(actor.organisation_id or 0)
    context = {
        "standing": profile_page.standing_of(facts, own),
        "score": risk_queries.own_score_for(actor),
        "disputed": disputed_inputs(facts),
    }
    return render(request, "enterprise/_standing.html", context)


def _day_of(text: str) -> date | None:
    """Return a day gone by, None for anything else."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found < clock.today() else None


class DeclarationForm(forms.Form):
    """What a firm may say of itself; an empty field says nothing and changes nothing."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        register = catalogue_queries.register()
        for kind in FACT_TYPES.values():
            if kind.is_recordable and not kind.is_supplied and kind.kind is not FactKind.TIES:
                known = register.get(kind.code)
                self.fields[kind.code] = _field(kind, kind.choices or (known.choices if known else ()))

    def facts(self, organisation_id: int, on: date) -> list[RecordedFact]:
        """Return what was filled in, as facts of that day."""
        return [
            RecordedFact(organisation_id, code, _value(FACT_TYPES[code], value), on, "")
            for code, value in self.cleaned_data.items()
            if value not in (None, "")
        ]


def _field(kind: FactType, choices: tuple[tuple[str, str], ...]) -> forms.Field:
    if kind.kind is FactKind.BOOLEAN:
        return forms.ChoiceField(label=kind.label, required=False, choices=YES_NO)
    if choices:
        return forms.ChoiceField(label=kind.label, required=False, choices=[("", "未填"), *choices])
    if kind.kind is FactKind.DATE:
        return forms.DateField(label=kind.label, required=False, widget=DayInput())
    if kind.unit == "元":
        return AmountField(label=f"{kind.label}（元）", required=False)
    if kind.kind is FactKind.INTEGER:
        return forms.IntegerField(label=f"{kind.label}（{kind.unit}）", required=False, min_value=0)
    return forms.CharField(label=kind.label, required=False, max_length=100)


def _value(kind: FactType, value: Any) -> int | Decimal | str | bool | date:
    found: int | Decimal | str | bool | date = value == "1" if kind.kind is FactKind.BOOLEAN else value
    return found


@require_http_methods(["GET", "POST"])
@signed_in
def declare(request: HttpRequest) -> HttpResponse:
    """Let the firm add what is missing; it stands with the source 企业自报."""
    actor = firm(request)
    form = DeclarationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            with transactions.opened():
                recorded = _record(actor, form)
            messages.success(request, f"已登记 {recorded} 项企业自报数据" if recorded else "没有新的数据")
            return redirect("enterprise:profile")
        except Refusal as refusal:
            add_refusal(form, refusal)
    return answer(request, "enterprise/declaration.html", {"form": form})


def _record(actor: Actor, form: DeclarationForm) -> int:
    facts = form.facts(actor.organisation_id or 0, clock.today())
    return profiles_operations.record_facts(actor, facts) if facts else 0
