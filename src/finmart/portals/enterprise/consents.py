"""Who may read which of the firm's facts, who did, and the one act that ends it (clause F2)."""

from datetime import datetime, time, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from finmart.centres.business.applications import queries as applications_queries
from finmart.centres.data.consents import operations as consents_operations
from finmart.centres.data.consents import queries as consents_queries
from finmart.centres.data.consents.types import AfterEnd, ConsentState, Mode
from finmart.centres.data.profiles import queries as profiles_queries
from finmart.centres.data.profiles.types import FACT_TYPES
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import Refusal
from finmart.portals.enterprise.forms import ConsentForm
from finmart.portals.enterprise.needs import firm
from finmart.ui.forms import add_refusal, answer
from finmart.ui.requests import signed_in

USUAL_DAYS = 30  # a default of ours to start the form with; the bounds of the purpose decide

MOST_COPIES = 50


@require_GET
@signed_in
def listing(request: HttpRequest) -> HttpResponse:
    """Show the firm's consents and who read what, when and why."""
    actor = firm(request)
    context = {
        "consents": consents_queries.consents_for(actor),
        "latest": next(iter(consents_queries.disclosures_for(actor, limit=1)), None),
        "bases": consents_queries.bases(),
        "copies": profiles_queries.copies_for(actor, limit=MOST_COPIES),
        "labels": {code: kind.label for code, kind in FACT_TYPES.items()},
    }
    return render(request, "enterprise/consents.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def grant(request: HttpRequest) -> HttpResponse:
    """Let an institution the firm has applied to read named facts for one purpose."""
    actor = firm(request)
    form = ConsentForm(
        request.POST if request.method == "POST" else None,
        recipients=_institutions(actor),
        purposes=[(str(purpose), purpose.label) for purpose, _ in consents_queries.purposes()],
        fact_types=_fact_types(),
        initial={
            "recipient": request.GET.get("recipient"),
            "purpose": "LOAN_REVIEW",
            "fact_types": list(FACT_TYPES),
            "valid_to": clock.today() + timedelta(days=USUAL_DAYS),
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            with transactions.opened():
                _grant(actor, form)
            messages.success(request, "授权已生效，可随时撤回")
            return redirect("enterprise:consents")
        except Refusal as refusal:
            add_refusal(form, refusal)
    return answer(request, "enterprise/consent_form.html", {"form": form})


def _grant(actor: Actor, form: ConsentForm) -> None:
    found = form.cleaned_data
    consents_operations.grant(
        actor,
        grantor_id=actor.organisation_id or 0,
        recipient_id=found["recipient"],
        purpose=found["purpose"],
        fact_types=found["fact_types"],
        months_back=found["months_back"],
        valid_to=datetime.combine(found["valid_to"], time.max, tzinfo=clock.CITY_ZONE),
        most_calls_a_month=found["most_calls_a_month"],
        mode=Mode(found["mode"]),
        keep_days=found["keep_days"],
        after_end=AfterEnd(found["after_end"]),
    )


def _institutions(actor: Actor) -> list[tuple[int, str]]:
    """Return the institutions the firm has applied to, nobody else needs its facts; those that have leave come last."""
    found = {one.institution.id: one.institution.name for one in applications_queries.applications_for(actor)}
    covered = {one.recipient.id for one in consents_queries.consents_for(actor) if one.state == ConsentState.IN_FORCE}
    waiting = sorted(((key, name) for key, name in found.items() if key not in covered), key=lambda pair: pair[1])
    others = sorted((f"{name}（已有有效授权）", key) for key, name in found.items() if key in covered)
    return [*waiting, *((key, name) for name, key in others)]


def _fact_types() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the kinds of facts by group, both in the order of the register."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for code, kind in FACT_TYPES.items():
        groups.setdefault(kind.group, []).append((code, kind.label))
    return list(groups.items())


@require_POST
@signed_in
def withdraw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """End a consent at once."""
    consents_operations.withdraw(firm(request), uuid)
    messages.success(request, "授权已撤回，该机构不能再查看您的数据")
    return redirect("enterprise:consents")
