"""All loans of a firm: one calendar, the total cost, and paying back (clauses B1, O5)."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from finmart.centres.business.funds.types import BankAccount
from finmart.centres.business.servicing import operations as servicing_operations
from finmart.centres.business.servicing import queries as servicing_queries
from finmart.centres.business.servicing.types import LoanView, PayoffQuote, RepaymentKind, ServicingAct
from finmart.kit import transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import Refusal
from finmart.kit.ids import new_uuid
from finmart.portals.enterprise.needs import firm
from finmart.ui.forms import AmountField, add_refusal, answer
from finmart.ui.requests import signed_in


class RepaymentForm(forms.Form):
    """How much, from which account. ``key`` makes a second click the same repayment."""

    kind = forms.ChoiceField(label="还款方式", choices=RepaymentKind.choices(), initial=RepaymentKind.REPAYMENT)
    amount_fen = AmountField(label="金额（元；提前还款填提前归还的本金）")
    account_number = forms.RegexField(
        label="扣款账号", regex=r"^\d{8,32}$", error_messages={"invalid": "账号应为 8 至 32 位数字"}
    )
    bank_name = forms.CharField(label="开户行", max_length=200)
    key = forms.UUIDField(widget=forms.HiddenInput)


@require_GET
@signed_in
def listing(request: HttpRequest) -> HttpResponse:
    """Show the firm's loans, what falls due when, and what it all costs."""
    actor = firm(request)
    context = {
        "loans": servicing_queries.loans_for(actor),
        "due": servicing_queries.due_dates_for(actor)[:24],
        "cost": servicing_queries.total_cost_for(actor),
    }
    return render(request, "enterprise/loans.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def show(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one loan with its schedule, and pay what is due or all of it."""
    actor = firm(request)
    loan = servicing_queries.loan_for(actor, uuid)
    may_repay = ServicingAct.LOAN_REQUEST_REPAYMENT in loan.acts
    payoff = servicing_queries.payoff_quote_for(actor, uuid) if may_repay else None
    form = RepaymentForm(request.POST if request.method == "POST" else None, initial=_initial(loan, payoff))
    if request.method == "POST" and form.is_valid():
        try:
            with transactions.opened():
                _request(actor, loan, form)
            messages.success(request, "还款指令已发送，到账后自动入账")
            return redirect("enterprise:loan", uuid=uuid)
        except Refusal as refusal:
            add_refusal(form, refusal)
    return answer(request, "enterprise/loan.html", _page(actor, loan, form, payoff))


def _initial(loan: LoanView, payoff: PayoffQuote | None) -> dict[str, object]:
    if payoff is None:
        return {}
    return {"amount_fen": loan.overdue_fen or loan.next_due_fen or payoff.total_fen, "key": new_uuid()}


def _request(actor: Actor, loan: LoanView, form: RepaymentForm) -> None:
    found = form.cleaned_data
    servicing_operations.request_repayment(
        actor,
        loan.ref.uuid,
        kind=RepaymentKind(found["kind"]),
        amount_fen=found["amount_fen"],
        payer=BankAccount(found["account_number"], actor.organisation_name, found["bank_name"]),
        idempotency_key=str(found["key"]),
    )


def _page(actor: Actor, loan: LoanView, form: RepaymentForm, payoff: PayoffQuote | None) -> dict[str, object]:
    return {
        "loan": loan,
        "form": form,
        "may_repay": payoff is not None,
        "schedule": servicing_queries.schedule_for(actor, loan.ref.uuid),
        "repayments": servicing_queries.repayments_for(actor, loan.ref.uuid),
        "payoff": payoff,
    }
