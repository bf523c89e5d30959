"""Ties on record between people who decide and organisations they decide about (回避, clause P5)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from finmart.centres.technical.parties import operations, queries
from finmart.centres.technical.parties.types import ConflictKind, PersonRef
from finmart.desks.accounts.forms import ConflictForm
from finmart.kit import transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import Refusal
from finmart.ui.forms import add_refusal, answer
from finmart.ui.requests import actor_of, signed_in


@signed_in
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Show the ties on record; anybody declares their own, an administrator those of the people."""
    actor = actor_of(request)
    rows = queries.conflicts_for(actor)
    form = ConflictForm(request.POST if request.method == "POST" else None, people=_people(actor))
    if form.is_valid() and _recorded(actor, form):
        messages.success(request, "已登记；涉及对方的事项将由其他人员办理")
        return redirect("accounts:conflicts")
    return answer(request, "accounts/conflicts.html", {"form": form, "rows": rows})


@signed_in
@require_POST
def end(request: HttpRequest, conflict_id: int) -> HttpResponse:
    """Say that a tie is over."""
    operations.end_conflict(actor_of(request), conflict_id)
    messages.success(request, "已解除登记")
    return redirect("accounts:conflicts")


def _recorded(actor: Actor, form: ConflictForm) -> bool:
    chosen = form.cleaned_data
    other = queries.organisation_by_credit_code(chosen["credit_code"].strip().upper())
    if other is None:
        form.add_error("credit_code", "平台上没有该机构，请核对统一社会信用代码")
        return False
    try:
        with transactions.opened():
            operations.record_conflict(
                actor, person_id=chosen["person"], organisation_id=other.id, kind=ConflictKind(chosen["kind"]),
                note=chosen["note"],
            )  # fmt: skip
    except Refusal as refusal:
        add_refusal(form, refusal)
        return False
    return True


def _people(actor: Actor) -> list[PersonRef]:
    members = queries.members_with_role(actor.organisation_id or 0)
    manages = queries.can_manage_members(actor)
    return [one for one in members if manages or one.id == actor.person_id]
