"""A firm states its need once, sees what fits and why, applies to several institutions and compares their offers."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from finmart.centres.business.applications import operations as applications_operations
from finmart.centres.business.applications import queries as applications_queries
from finmart.centres.business.applications.types import ApplicationsAct, NeedTerms, NeedView
from finmart.centres.business.catalogue.types import LoanPurpose
from finmart.centres.business.matching import operations as matching_operations
from finmart.centres.business.matching import queries as matching_queries
from finmart.centres.business.matching.types import MatchState
from finmart.journeys.online.bank_loan import start as bank_loan
from finmart.kit import transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, Refusal
from finmart.kit.finance import RepaymentMethod
from finmart.portals.enterprise.apps import is_enterprise
from finmart.portals.enterprise.forms import NeedForm
from finmart.ui.forms import add_refusal, answer
from finmart.ui.requests import actor_of, signed_in

SHOWN_FIRST = 6  # cards of a group that lie open; who comes after them is folded, in order


def firm(request: HttpRequest) -> Actor:
    """Return the actor where it works for a firm. Raises AccessDenied."""
    actor = actor_of(request)
    if not is_enterprise(actor):
        raise AccessDenied("本页面只对企业用户开放")
    return actor


@require_GET
@signed_in
def listing(request: HttpRequest) -> HttpResponse:
    """Show the firm's needs, newest first."""
    return render(request, "enterprise/needs.html", {"needs": applications_queries.needs_for(firm(request))})


@require_http_methods(["GET", "POST"])
@signed_in
def new(request: HttpRequest) -> HttpResponse:
    """State a need, or keep it as a draft."""
    return _need_form(request, firm(request), None)


@require_http_methods(["GET", "POST"])
@signed_in
def edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Go on with a draft, or revise a stated need nobody is working on."""
    actor = firm(request)
    return _need_form(request, actor, applications_queries.need_for(actor, uuid))


def _need_form(request: HttpRequest, actor: Actor, need: NeedView | None) -> HttpResponse:
    keeps_draft = request.POST.get("act") == "draft"
    initial = {name: getattr(need, name) for name in NeedForm.base_fields} if need else None
    form = NeedForm(request.POST if request.method == "POST" else None, initial=initial, is_draft=keeps_draft)
    if request.method == "POST" and form.is_valid():
        try:
            with transactions.opened():
                uuid, run = _keep(actor, form, need, keeps_draft=keeps_draft)
            messages.success(request, "草稿已保存" if keeps_draft else "需求已提出，以下是匹配结果")
            return _to_matches(run, uuid) if run else redirect("enterprise:need", uuid=uuid)
        except Refusal as refusal:
            add_refusal(form, refusal)
    return answer(request, "enterprise/need_form.html", {"form": form, "need": need})


def _keep(actor: Actor, form: NeedForm, need: NeedView | None, *, keeps_draft: bool) -> tuple[UUID, UUID | None]:
    """Return the uuids of the need and, where it was stated, of its match."""
    if keeps_draft:
        draft = applications_operations.save_draft(actor, form.draft(), need_uuid=need.uuid if need else None)
        return draft.uuid, None
    if need is not None and ApplicationsAct.NEED_REVISE in need.acts:
        kept = applications_operations.revise_need(actor, need.uuid, form.terms())
    else:
        kept = applications_operations.state_need(actor, form.terms(), draft_uuid=need.uuid if need else None)
    return kept.uuid, _match(actor, applications_queries.need_for(actor, kept.uuid))


def _match(actor: Actor, need: NeedView) -> UUID:
    terms = NeedTerms(
        amount_fen=need.amount_fen or 0,
        term_months=need.term_months or 0,
        purpose=LoanPurpose(need.purpose),
        repayment_method=RepaymentMethod(need.repayment_method) if need.repayment_method else None,
        district=need.district,
    )
    return matching_operations.match(actor, terms, organisation_id=need.organisation_id).uuid


@require_GET
@signed_in
def show(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one need with its applications and the way to its matches and offers."""
    actor = firm(request)
    need = applications_queries.need_for(actor, uuid)
    context = {
        "need": need,
        "applications": applications_queries.applications_for(actor, need_uuid=uuid),
        "may_edit": bool({ApplicationsAct.NEED_REVISE, ApplicationsAct.NEED_STATE} & need.acts),
        "may_withdraw": ApplicationsAct.NEED_WITHDRAW in need.acts,
        "may_apply": ApplicationsAct.APPLICATION_SUBMIT in need.acts,
    }
    return render(request, "enterprise/need.html", context)


@require_POST
@signed_in
def withdraw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take a need back; what institutions have not finished falls with it."""
    applications_operations.withdraw_need(firm(request), uuid, reason=request.POST.get("reason", ""))
    messages.success(request, "需求已撤回")
    return redirect("enterprise:needs")


@require_POST
@signed_in
def match(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Match the need with everything on the shelf today."""
    actor = firm(request)
    run = _match(actor, applications_queries.need_for(actor, uuid))
    return _to_matches(run, uuid)


def _to_matches(run: UUID, need_uuid: UUID) -> HttpResponse:
    return redirect(f"{reverse('enterprise:matched', args=[run])}?need={need_uuid}")


@require_GET
@signed_in
def matched(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show match cards: what fits, what is missing, what it costs."""
    actor = firm(request)
    run = matching_queries.run_for(actor, uuid)
    need = _need_named(actor, request.GET.get("need", ""))
    applied = (
        {one.version_id for one in applications_queries.applications_for(actor, need_uuid=need.uuid)} if need else set()
    )
    groups = [
        (state, len(cards), cards[:SHOWN_FIRST], cards[SHOWN_FIRST:])
        for state in MatchState
        if (cards := run.in_state(state))
    ]
    return render(
        request,
        "enterprise/matched.html",
        {
            "run": run,
            "need": need,
            "groups": groups,
            "applied": applied,
            "eligible": len(run.in_state(MatchState.ELIGIBLE)),
            "may_apply": need is not None and ApplicationsAct.APPLICATION_SUBMIT in need.acts,
        },
    )


def _need_named(actor: Actor, text: str) -> NeedView | None:
    try:
        return applications_queries.need_for(actor, UUID(text))
    except ValueError:
        return None


@require_POST
@signed_in
def apply(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Apply to the institutions of the chosen products, all at once, one case each."""
    chosen = [int(text) for text in request.POST.getlist("version") if text.isdecimal()]
    made = bank_loan.apply(firm(request), uuid, chosen)
    messages.success(request, f"已向 {len(made)} 家机构提交申请，进度可在案件中查看")
    return redirect("enterprise:need", uuid=uuid)


@require_GET
@signed_in
def offers(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show the offers on a need side by side, cheapest first."""
    actor = firm(request)
    need = applications_queries.need_for(actor, uuid)
    found = applications_queries.offers_for(actor, uuid)
    return render(request, "enterprise/offers.html", {"need": need, "offers": found})
