"""The list of cases and the page of one, the same for every party. Clauses B1, B6, C5, P3."""

from typing import Any
from uuid import UUID

from django.contrib import messages as flashes
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from finmart.centres.business.applications import queries as applications_queries
from finmart.centres.business.cases import operations, queries
from finmart.centres.business.cases.types import CaseFilter, CaseState, CaseView, TimelineKind
from finmart.centres.technical.documents.types import UnableToStore
from finmart.centres.technical.processes import operations as processes_operations
from finmart.centres.technical.processes import queries as processes_queries
from finmart.centres.technical.processes.types import Progress
from finmart.desks.cases import exports, stages, tabs
from finmart.desks.cases.forms import FilterForm, MessageForm, NoteForm
from finmart.desks.cases.progress import process_asked_for, progress_for
from finmart.desks.documents.uploads import file_of, takes_upload
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import Conflict, NotFound, Refusal
from finmart.ui.forms import add_refusal
from finmart.ui.requests import actor_of, signed_in

PAPER = "CASE_PAPER"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FIRST_PAGE = 1


@require_GET
@signed_in
def listed(request: HttpRequest) -> HttpResponse:
    """Show the actor's cases; the address holds filter and page, and answers htmx with the list alone."""
    form = FilterForm(request.GET)
    narrowed = form.narrowed() if form.is_valid() else CaseFilter()
    asked = request.GET.get("page", "")
    found = queries.cases_for(actor_of(request), narrowed, page=int(asked) if asked.isdecimal() else FIRST_PAGE)
    amounts = applications_queries.amounts_of_cases_for(actor_of(request), [row.ref.uuid for row in found.rows])
    context = {
        "form": form,
        "is_narrowed": narrowed != CaseFilter(),
        "rows": [_row(row, amounts) for row in found.rows],
        "page": Paginator(range(found.total), found.size).page(found.page),
    }
    status = 200 if form.is_valid() else 422
    template = "cases/_rows.html" if _wants_fragment(request) else "cases/list.html"
    return _varied(render(request, template, context, status=status))


@require_GET
@signed_in
def export(request: HttpRequest) -> HttpResponse:
    """Hand out the list as it is filtered, as a spreadsheet; the taking is on record."""
    form = FilterForm(request.GET)
    if not form.is_valid():
        raise Refusal("筛选条件有误", remedy="请返回列表修改筛选条件")
    lines = exports.rows_of(actor_of(request), form.narrowed())
    operations.record_export(actor_of(request), len(lines))
    response = HttpResponse(exports.spreadsheet(lines), content_type=XLSX)
    name = f"案件-{clock.today():%Y%m%d}.xlsx"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    response["Cache-Control"] = "private, no-store"
    return response


@require_GET
@signed_in
def page(request: HttpRequest, number: str) -> HttpResponse:
    """Show one case: header, 步骤条 and the chosen tab."""
    actor = actor_of(request)
    return _page(request, queries.case_for(actor, number), request.GET.get("tab", ""))


@require_POST
@signed_in
def post_message(request: HttpRequest, number: str) -> HttpResponse:
    """Write to a party or all; htmx gets messages and form back, a plain browser the page."""
    actor = actor_of(request)
    case = queries.case_for(actor, number)
    form = MessageForm(case, data=request.POST)
    if form.is_valid():
        try:
            with transactions.opened():
                operations.post_message(
                    actor, case.ref.uuid, text=form.cleaned_data["text"], recipient_uuid=form.chosen_recipient(),
                    message_uuid=form.cleaned_data["message_uuid"],
                )  # fmt: skip
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            if not _wants_fragment(request):
                return redirect(tabs.address(number, tabs.MESSAGES))
            form = MessageForm(case)
    status = 422 if form.errors else 200
    if _wants_fragment(request):
        context = {"case": case, **tabs.messages(actor, case), "form": form}
        return render(request, "cases/_messages.html", context, status=status)
    return _page(request, case, tabs.MESSAGES, {"form": form}, status=status)


@require_POST
@signed_in
def add_note(request: HttpRequest, number: str) -> HttpResponse:
    """Add a line to the timeline, for the own organisation or for all."""
    actor = actor_of(request)
    case = queries.case_for(actor, number)
    form = NoteForm(request.POST)
    if form.is_valid():
        reader_id = None if form.cleaned_data["for_all"] else actor.organisation_id
        operations.note(actor, case.ref.uuid, TimelineKind.NOTE, form.cleaned_data["note"], visible_to_id=reader_id)
        return redirect(tabs.address(number, tabs.TIMELINE))
    return _page(request, case, tabs.TIMELINE, {"note_form": form}, status=422)


@require_POST
@signed_in
def urge(request: HttpRequest, number: str, step: str) -> HttpResponse:
    """Ask the other side, which holds the step, for speed; once an hour."""
    actor = actor_of(request)
    item = processes_queries.find_open_item(queries.case_for(actor, number).ref.uuid, step)
    if item is None:
        raise Conflict("该步骤已经办结", remedy="请刷新页面查看最新进度")
    processes_operations.urge(actor, item)
    flashes.success(request, "已催办，承办人会收到消息")
    return redirect("cases:page", number)


@require_POST
@signed_in
def read_messages(request: HttpRequest, number: str) -> HttpResponse:
    """Mark the messages of a case as read by this person."""
    operations.mark_messages_read(actor_of(request), number)
    return HttpResponse(status=204) if _wants_fragment(request) else redirect(tabs.address(number, tabs.MESSAGES))


@require_POST
@takes_upload
@signed_in
def file_paper(request: HttpRequest, number: str) -> HttpResponse:
    """Keep one uploaded paper for all parties; a file that may not be kept answers 422 beside the field."""
    actor = actor_of(request)
    case = queries.case_for(actor, number)
    try:
        with transactions.opened():
            file = file_of(request)
            operations.file_document(actor, case.ref.uuid, name=file.name or "", content=file.chunks(), purpose=PAPER)
    except UnableToStore as refusal:
        return _page(request, case, tabs.PAPERS, {"refusal": refusal}, status=422)
    return redirect(tabs.address(number, tabs.PAPERS))


@require_POST
@signed_in
def archive(request: HttpRequest, number: str) -> HttpResponse:
    """Put a closed case into the archive."""
    actor = actor_of(request)
    operations.archive(actor, queries.case_for(actor, number).ref.uuid)
    return redirect("cases:page", number)


@require_GET
@signed_in
def model(request: HttpRequest, number: str, uuid: UUID) -> HttpResponse:
    """Hand out the process model of a case as it was deployed, for the diagram."""
    response = HttpResponse(
        _painted(actor_of(request), number, uuid).xml, content_type="application/xml; charset=utf-8"
    )
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response


@require_GET
@signed_in
def marks(request: HttpRequest, number: str, uuid: UUID) -> JsonResponse:
    """Return element id → state, painted on the diagram."""
    painted = _painted(actor_of(request), number, uuid)
    return JsonResponse({element: str(mark) for element, mark in painted.marks.items()})


def _painted(actor: Actor, number: str, uuid: UUID) -> Progress:
    case = queries.case_for(actor, number)
    if uuid not in {instance.uuid for instance in processes_queries.instances_of(actor, case.ref.uuid)}:
        raise NotFound("没有找到该流程")
    return processes_queries.progress_of(actor, uuid)


def _page(
    request: HttpRequest, case: CaseView, asked: str, more: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    actor = actor_of(request)
    progress = progress_for(actor, case.ref.uuid)
    tab = asked if asked in tabs.offered(case, progress) else tabs.TIMELINE
    drawn = process_asked_for(actor, progress, request.GET.get("process", ""))
    application = applications_queries.application_of_case_for(actor, case.ref.uuid)
    context = {
        "case": case,
        "application": application,
        "review": applications_queries.review_for(actor, application) if application else None,
        "tone": stages.tone_of(application.state) if application else "blue",
        "case_tone": stages.CASE_TONES[CaseState(case.ref.state)],
        "stages": stages.stages_of(case, application),
        "progress": progress,
        "tab": tab,
        "tab_template": f"cases/_{tab}.html",
        "tab_links": tabs.links(case, progress, tab),
        "drawn": drawn,
        **tabs.flow(case, drawn),
        **tabs.content(actor, case, tab),
        **(more or {}),
    }
    return render(request, "cases/page.html", context, status=status)


def _row(row: Any, amounts: dict[Any, Any]) -> dict[str, Any]:
    amount_fen, state = amounts.get(row.ref.uuid, (None, None))
    return {
        "case": row.ref,
        "opened_at": row.opened_at,
        "parties": row.parties,
        "unread": row.unread,
        "amount_fen": amount_fen,
        "progress": state.label if state else row.ref.state_label,
        "tone": stages.tone_of(state) if state else stages.CASE_TONES[CaseState(row.ref.state)],
    }


def _wants_fragment(request: HttpRequest) -> bool:
    """Does htmx ask for a part of the page? Going back in history asks for all of it."""
    return "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers


def _varied(response: HttpResponse) -> HttpResponse:
    patch_vary_headers(response, ["HX-Request"])
    return response
