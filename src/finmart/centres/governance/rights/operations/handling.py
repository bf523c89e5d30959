"""What the operator does: accept, answer and carry out, look again; and the clock that runs out."""

from uuid import UUID

from finmart.centres.governance.rights import policies, queries
from finmart.centres.governance.rights.models import DataRequest
from finmart.centres.governance.rights.operations import clocks
from finmart.centres.governance.rights.operations.carrying_out import carry_out
from finmart.centres.governance.rights.types import (
    OPENING,
    Ground,
    Outcome,
    RequestKind,
    RequestState,
    RightsAct,
    UnableToHandle,
)
from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.notices import operations as notices_operations
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import Role
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, Conflict, NotFound

LINK = "/desk/rights/{uuid}/"
WAITING = (RequestState.SUBMITTED, RequestState.ACCEPTED, RequestState.IN_REVIEW)


def accept(actor: Actor, uuid: UUID) -> None:
    """Take a request up, after making sure who asks. Raises AccessDenied, NotFound, Conflict."""
    row = _locked(actor, uuid, RequestState.SUBMITTED)
    row.state, row.accepted_at, row.accepted_by_id = RequestState.ACCEPTED, clock.now(), actor.person_id
    row.save(update_fields=["state", "accepted_at", "accepted_by"])
    audit_operations.record(actor, RightsAct.REQUEST_ACCEPT, f"data_request:{uuid}")
    _tell(actor, row, "已受理", "我们会在期限内答复。")


def answer(actor: Actor, uuid: UUID, outcome: Outcome, *, text: str, ground: str = "") -> None:
    """Answer a request and carry out what is granted.

    Anything but a full yes takes a ``ground`` and a reason. A deletion is not granted whole while loans run.
    Raises AccessDenied, NotFound, Conflict, UnableToHandle with its field.
    """
    row = _locked(actor, uuid, RequestState.ACCEPTED)
    if outcome != Outcome.GRANTED and ground not in set(Ground):
        raise UnableToHandle("不同意或部分同意须选择法定理由", field="ground")
    if outcome != Outcome.GRANTED and not text.strip():
        raise UnableToHandle("请写明理由", field="text", remedy="理由会原样告知申请人")
    blocking = queries.blocking(row.organisation_id, row.person_id) if row.kind == RequestKind.DELETION else ()
    if blocking and outcome == Outcome.GRANTED:
        raise UnableToHandle(
            f"不能全部删除：{'、'.join(blocking)}", field="outcome", remedy="可以部分同意，或说明理由后不同意"
        )
    row.outcome, row.answer, row.answered_at = outcome, text.strip(), clock.now()
    row.ground = "" if outcome == Outcome.GRANTED else ground
    row.answered_by_id, row.state = actor.person_id, RequestState.ANSWERED
    if outcome != Outcome.REFUSED:
        row.effect = carry_out(row)
        if row.kind in OPENING:
            row.open_until = clocks.due(clocks.OPEN)[0]
    row.save()
    audit_operations.record(
        actor, RightsAct.REQUEST_ANSWER, f"data_request:{uuid}", outcome=str(outcome), ground=row.ground,
        effect=row.effect,
    )  # fmt: skip
    _tell(actor, row, f"已答复：{Outcome(outcome).label}", "不认可的，可申请由他人复核，也可向网信等主管部门投诉。")


def review(actor: Actor, uuid: UUID, *, is_upheld: bool, text: str) -> None:
    """Look at a refusal again: it stands, or the request is answered anew within a clock of its own.

    Raises AccessDenied for who answered it, NotFound, Conflict, UnableToHandle (field text).
    """
    row = _locked(actor, uuid, RequestState.IN_REVIEW)
    if not policies.may_review(actor, row):
        raise AccessDenied("复核须由答复人以外的人员办理")
    if not text.strip():
        raise UnableToHandle("请写明复核意见", field="text")
    row.review, row.reviewed_at, row.reviewed_by_id = text.strip(), clock.now(), actor.person_id
    row.state = RequestState.CLOSED if is_upheld else RequestState.ACCEPTED
    if not is_upheld:
        row.answer_by = clocks.due(clocks.ANSWER)[0]
    row.save()
    audit_operations.record(actor, RightsAct.REQUEST_REVIEW, f"data_request:{uuid}", upheld=is_upheld)
    _tell(actor, row, "复核完成：" + ("维持答复" if is_upheld else "重新办理"), text.strip()[:200])


def escalate(actor: Actor) -> int:
    """Tell the operator's administrators and the applicants of clocks that ran out, once each; return how many.

    For the platform's job: raises AccessDenied for others.
    """
    transactions.require()
    if not actor.system:
        raise AccessDenied("只有平台任务可以催办")
    told, now = 0, clock.now()
    rows = DataRequest.objects.select_for_update(skip_locked=True).filter(state__in=WAITING)
    for row in rows.order_by("id"):
        due = {RequestState.SUBMITTED: row.accept_by, RequestState.IN_REVIEW: row.review_by}.get(
            RequestState(row.state), row.answer_by
        )
        if due is None or due > now or row.escalated_for == due:
            continue
        row.escalated_for = due
        row.save(update_fields=["escalated_for"])
        audit_operations.record(actor, RightsAct.REQUEST_ESCALATE, f"data_request:{row.uuid}", due=due.isoformat())
        administrators = parties_queries.operators_with_role(Role.OPERATOR_ADMINISTRATOR)
        values: dict[str, object] = {"number": queries.number_of(row), "state": RequestState(row.state).label}
        notices_operations.notify(
            actor, person_ids=[one.id for one in administrators], template="rights_overdue", values=values,
            link=f"/operator/rights/{row.uuid}/", key=f"rights-overdue:{row.uuid}:{row.state}",
        )  # fmt: skip
        _tell(actor, row, "超过办理期限", "已督促处理；您也可以向网信等主管部门投诉。")
        told += 1
    return told


def _locked(actor: Actor, uuid: UUID, state: RequestState) -> DataRequest:
    transactions.require()
    queries.require_handler(actor)
    row = DataRequest.objects.select_for_update().filter(uuid=uuid).first()
    if row is None:
        raise NotFound("没有找到该申请")
    if not policies.may_handle(actor, row):
        raise AccessDenied("不能办理自己提出的申请")
    if row.state != state:
        raise Conflict
    return row


def _tell(actor: Actor, row: DataRequest, what: str, text: str) -> None:
    notices_operations.notify(
        actor, person_ids=[row.person_id], template="rights_told",
        values={"number": queries.number_of(row), "kind": RequestKind(row.kind).label, "what": what, "text": text},
        link=LINK.format(uuid=row.uuid),
    )  # fmt: skip
