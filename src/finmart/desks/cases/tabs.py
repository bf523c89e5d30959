"""The tabs of a case: which this actor is offered, and what stands in each."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.urls import reverse

from finmart.centres.business.cases import queries
from finmart.centres.business.cases.types import CaseView, TimelineKind, TimelineLine
from finmart.centres.business.funds import queries as funds_queries
from finmart.centres.business.instruments import queries as instruments_queries
from finmart.centres.business.servicing import queries as servicing_queries
from finmart.centres.technical.documents import queries as documents_queries
from finmart.centres.technical.documents.types import DocumentRef
from finmart.desks.cases.forms import MessageForm, NoteForm
from finmart.desks.cases.progress import CaseProgress, events_for
from finmart.kit.actor import Actor

TIMELINE, FLOW, PAPERS, MESSAGES, FUNDS = "timeline", "flow", "papers", "messages", "funds"
LABELS = {TIMELINE: "时间线", FLOW: "流程图", PAPERS: "材料", MESSAGES: "消息", FUNDS: "资金"}
_TONES = {
    TimelineKind.ARCHIVED: "grey",
    TimelineKind.CLOSED: "green",
    TimelineKind.FUNDS: "green",
    TimelineKind.OPENED: "blue",
    TimelineKind.STATE: "blue",
    TimelineKind.STEP: "blue",
}


def offered(case: CaseView, progress: CaseProgress) -> list[str]:
    """Return the tabs of this actor; only a party reads messages, only a running or ended process has a picture."""
    left_out = set() if case.may_read_messages else {MESSAGES}
    left_out |= set() if progress.instance else {FLOW}
    return [tab for tab in LABELS if tab not in left_out]


def address(number: str, tab: str) -> str:
    """Return the address of a tab."""
    return f"{reverse('cases:page', args=[number])}?tab={tab}"


def links(case: CaseView, progress: CaseProgress, current: str) -> list[dict[str, Any]]:
    """Return rows for the ``tabs`` component."""
    return [
        {
            "label": LABELS[tab],
            "url": address(case.ref.number, tab),
            "current": tab == current,
            "count": case.unread if tab == MESSAGES else 0,
        }
        for tab in offered(case, progress)
    ]


def content(actor: Actor, case: CaseView, tab: str) -> dict[str, Any]:
    """Return what the template of a tab needs beside the case and its progress."""
    return _CONTENT[tab](actor, case) if tab in _CONTENT else {}


def flow(case: CaseView, progress: CaseProgress) -> dict[str, Any]:
    """Return the addresses of the diagram and of the progress painted on it."""
    if progress.instance is None:
        return {}
    words = [case.ref.number, progress.instance.uuid]
    return {"bpmn_url": reverse("cases:model", args=words), "progress_url": reverse("cases:marks", args=words)}


def timeline(actor: Actor, case: CaseView) -> dict[str, Any]:
    """Return the lines of the timeline, papers linked where this actor may read them."""
    lines = queries.timeline_for(actor, case.ref.number)
    named = documents_queries.documents_for(actor, {line.document_uuid for line in lines if line.document_uuid})
    papers = {paper.uuid: paper for paper in named}
    entries = [_entry(line, papers) for line in lines] + events_for(actor, case)
    return {"entries": sorted(entries, key=lambda entry: entry["at"], reverse=True), "note_form": NoteForm()}


def papers(actor: Actor, case: CaseView) -> dict[str, Any]:
    """Return contracts and papers this actor may read, and what may be uploaded."""
    uuids = queries.papers_for(actor, case.ref.number)
    return {
        "contracts": instruments_queries.contracts_of_case(actor, case.ref.uuid),
        "papers": documents_queries.documents_for(actor, uuids),
        "limits": documents_queries.upload_limits(),
        "refusal": None,
    }


def messages(actor: Actor, case: CaseView) -> dict[str, Any]:
    """Return the messages this actor may read and an empty form."""
    return {"messages_of_case": queries.messages_for(actor, case.ref.number), "form": MessageForm(case)}


def funds(actor: Actor, case: CaseView) -> dict[str, Any]:
    """Return loans, what was paid out and what was drawn in the case, as far as this actor may see."""
    return {
        "loans": servicing_queries.schedules_of_case_for(actor, case.ref.uuid),
        "disbursements": funds_queries.disbursements_for(actor, case.ref.uuid),
        "collections": funds_queries.collections_for(actor, case.ref.uuid),
    }


def _entry(line: TimelineLine, papers: dict[UUID, DocumentRef]) -> dict[str, Any]:
    paper = papers.get(line.document_uuid) if line.document_uuid else None
    return {
        "at": line.at,
        "who": line.actor_label,
        "organisation": line.organisation_name,
        "what": line.text,
        "left": "仅本机构可见" if line.is_internal else "",
        "tone": _TONES.get(TimelineKind(line.kind), "grey"),
        "attachments": [{"name": paper.name, "url": reverse("documents:download", args=[paper.uuid])}] if paper else [],
    }


_CONTENT: dict[str, Callable[[Actor, CaseView], dict[str, Any]]] = {
    TIMELINE: timeline,
    PAPERS: papers,
    MESSAGES: messages,
    FUNDS: funds,
}
