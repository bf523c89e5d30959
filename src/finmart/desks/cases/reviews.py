"""A firm asks a person to look at a refusal again, and applies anew where the refusal was taken back (clause D4)."""

from typing import Any

from django import forms
from django.contrib import messages as flashes
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from finmart.centres.business.applications import queries as applications_queries
from finmart.centres.business.applications.types import ApplicationView, ReviewView
from finmart.centres.business.cases import operations as cases_operations
from finmart.centres.business.cases import queries as cases_queries
from finmart.centres.business.cases.types import CaseView
from finmart.centres.technical.documents import queries as documents_queries
from finmart.centres.technical.documents.types import UnableToStore
from finmart.desks.documents.uploads import file_of, takes_upload
from finmart.journeys.online.bank_loan import start as bank_loan
from finmart.journeys.online.refusal_review import start as refusal_review
from finmart.kit import transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound, Refusal
from finmart.ui.forms import add_refusal
from finmart.ui.requests import actor_of, signed_in

REVIEW_PAPER = "REVIEW_PAPER"


class GroundsForm(forms.Form):
    """Why the refusal should be looked at again."""

    grounds = forms.CharField(
        label="复核理由", max_length=2_000, widget=forms.Textarea({"rows": 5}),
        help_text="请说明您认为原决定有误或情况有变之处",
        error_messages={"required": "请写明请求复核的理由"},
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@takes_upload
@signed_in
def request_review(request: HttpRequest, number: str) -> HttpResponse:
    """Ask for the review, with grounds and a paper; what is wrong stands beside its field with 422."""
    actor = actor_of(request)
    case, application, review = _refused(actor, number)
    form = GroundsForm(request.POST if request.method == "POST" else None)
    wrong: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        try:
            with transactions.opened():
                _request(request, actor, case, application, form.cleaned_data["grounds"])
        except UnableToStore as refusal:
            wrong = {"refusal": refusal}
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            flashes.success(request, "已提交复核请求，机构将指定未参与原决定的人员办理")
            return redirect("cases:page", number)
    context = {
        "case": case, "application": application, "review": review, "form": form,
        "limits": documents_queries.upload_limits(), **wrong,
    }  # fmt: skip
    return render(request, "cases/request_review.html", context, status=422 if form.errors or wrong else 200)


def _request(request: HttpRequest, actor: Actor, case: CaseView, application: ApplicationView, grounds: str) -> None:
    refusal_review.request(actor, application.uuid, grounds=grounds)
    if request.FILES or any(getattr(handler, "too_large", False) for handler in request.upload_handlers):
        file = file_of(request)
        cases_operations.file_document(
            actor, case.ref.uuid, name=file.name or "", content=file.chunks(), purpose=REVIEW_PAPER
        )


@require_POST
@signed_in
def apply_again(request: HttpRequest, number: str) -> HttpResponse:
    """Bring the same need to the same product again: a new application in a new case."""
    actor = actor_of(request)
    _, application, review = _refused(actor, number)
    if not review.may_apply_again or application.need_uuid is None:
        raise AccessDenied("该申请不能重新提交", remedy="只有复核撤销了拒绝的申请可以重新提交")
    (made,) = bank_loan.apply(actor, application.need_uuid, [application.version_id])
    flashes.success(request, f"已重新申请，案件编号 {made.number}")
    return redirect("cases:page", made.number)


def _refused(actor: Actor, number: str) -> tuple[CaseView, ApplicationView, ReviewView]:
    """Return the case of a refused application as its firm sees it. Raises NotFound for everybody else."""
    case = cases_queries.case_for(actor, number)
    application = applications_queries.application_of_case_for(actor, case.ref.uuid)
    review = applications_queries.review_for(actor, application) if application else None
    if application is None or application.firm.id != actor.organisation_id:
        raise AccessDenied("只有申请企业可以请求复核")
    if review is None:
        raise NotFound("该申请没有被拒绝，不需要复核")
    return case, application, review
