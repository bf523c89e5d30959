"""A contract as its sides see it: terms, signatures, the paper, and whether the paper holds. Clauses B2, B6."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from finmart.centres.business.instruments import operations, queries
from finmart.centres.business.instruments.types import ContractState
from finmart.desks.contracts.forms import SigningForm, VoidingForm
from finmart.kit import transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import Refusal
from finmart.ui.forms import add_refusal, answer
from finmart.ui.requests import actor_of, signed_in

TONES = {
    ContractState.DRAFT: "orange",
    ContractState.SIGNED: "blue",
    ContractState.IN_FORCE: "green",
    ContractState.ENDED: "grey",
    ContractState.VOID: "red",
}


@signed_in
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """List the contracts the actor has a side in; those it may sign come with a mark."""
    contracts = queries.contracts_for(actor_of(request))
    rows = [{"contract": contract, "tone": TONES[ContractState(contract.ref.state)]} for contract in contracts]
    return render(request, "contracts/list.html", {"rows": rows})


@signed_in
@require_GET
def page(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one contract."""
    return answer(request, "contracts/page.html", _shown(actor_of(request), uuid))


@signed_in
@require_POST
def sign(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Sign for the actor's side. Who holds no mandate is refused, and the attempt recorded."""
    actor = actor_of(request)
    form = SigningForm(request.POST)
    if form.is_valid():
        try:
            with transactions.opened():
                signed = operations.sign(actor, uuid)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, f"已签署 {signed.number}")
            return redirect("contracts:page", uuid)
    return answer(request, "contracts/page.html", {**_shown(actor, uuid), "signing": form})


@signed_in
@require_POST
def void(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take back a contract that is not in force."""
    actor = actor_of(request)
    form = VoidingForm(request.POST)
    if form.is_valid():
        try:
            with transactions.opened():
                operations.void(actor, uuid, reason=form.cleaned_data["reason"])
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "合同已作废")
            return redirect("contracts:page", uuid)
    return answer(request, "contracts/page.html", {**_shown(actor, uuid), "voiding": form})


def _shown(actor: Actor, uuid: UUID) -> dict[str, Any]:
    contract = queries.contract_for(actor, uuid)
    return {
        "contract": contract,
        "tone": TONES[ContractState(contract.ref.state)],
        "place": next((slot for slot in contract.slots if slot.can_sign_now), None),
        "verification": queries.verify_contract(actor, uuid),
        "signing": SigningForm(),
        "voiding": VoidingForm(),
    }
