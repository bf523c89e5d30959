"""What the applicant does: ask, take back, ask for another look."""

from uuid import UUID

from django.db import IntegrityError

from finmart.centres.governance.rights import policies
from finmart.centres.governance.rights.models import DataRequest
from finmart.centres.governance.rights.operations import clocks
from finmart.centres.governance.rights.types import (
    ContactField,
    Outcome,
    RequestKind,
    RequestState,
    RightsAct,
    UnableToRequest,
)
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, Conflict, NotFound


def request(
    actor: Actor, kind: RequestKind, *, for_firm: bool, text: str = "", field: str = "", value: str = ""
) -> UUID:
    """Ask about the data of the actor himself, or ``for_firm`` of its firm; returns the request's uuid.

    A correction names the ``field`` (``ContactField``) and the ``value`` it should have. Raises AccessDenied without
    a mandate for the firm, UnableToRequest with its field, Conflict where one of the kind is open already.
    """
    transactions.require()
    if actor.person_id is None:
        raise AccessDenied("请先登录")
    if for_firm and not policies.can_ask_for_firm(actor):
        raise AccessDenied("代表企业提出申请需要法定代表人或其书面授权")
    _check(kind, for_firm=for_firm, text=text, field=field, value=value)
    accept_by, answer_by = clocks.due(clocks.ACCEPT, clocks.ANSWER)
    row = DataRequest(
        kind=kind, organisation_id=actor.organisation_id if for_firm else None, person_id=actor.person_id,
        text=text.strip(), field=field if kind == RequestKind.CORRECTION else "", value=value.strip(),
        made_at=clock.now(), accept_by=accept_by, answer_by=answer_by,
    )  # fmt: skip
    try:
        with transactions.opened():
            row.save()
    except IntegrityError as error:
        raise Conflict("同类申请正在办理", remedy="请等待答复，或撤回后重新提出") from error
    audit_operations.record(actor, RightsAct.REQUEST_MAKE, f"data_request:{row.uuid}", kind=str(kind), firm=for_firm)
    return row.uuid


def withdraw(actor: Actor, uuid: UUID) -> None:
    """Take a request back before it is answered. Raises NotFound, Conflict."""
    row = locked_own(actor, uuid)
    if row.state not in {RequestState.SUBMITTED, RequestState.ACCEPTED}:
        raise Conflict("该申请已经答复")
    row.state = RequestState.WITHDRAWN
    row.save(update_fields=["state"])
    audit_operations.record(actor, RightsAct.REQUEST_WITHDRAW, f"data_request:{uuid}")


def appeal(actor: Actor, uuid: UUID, reason: str) -> None:
    """Have another person look at a refusal again. Raises NotFound, Conflict, UnableToRequest (field reason)."""
    row = locked_own(actor, uuid)
    if row.state != RequestState.ANSWERED or row.outcome == Outcome.GRANTED:
        raise Conflict("该申请不能申请复核")
    if not reason.strip():
        raise UnableToRequest("请写明不认可的理由", field="reason")
    row.state, row.appeal, row.review_by = RequestState.IN_REVIEW, reason.strip(), clocks.due(clocks.REVIEW)[0]
    row.save(update_fields=["state", "appeal", "review_by"])
    audit_operations.record(actor, RightsAct.REQUEST_APPEAL, f"data_request:{uuid}")


def locked_own(actor: Actor, uuid: UUID) -> DataRequest:
    """Return the actor's own request, locked. Raises NotFound."""
    transactions.require()
    row = DataRequest.objects.select_for_update().filter(uuid=uuid).first()
    if row is None or not policies.is_own(actor, row):
        raise NotFound("没有找到该申请")
    return row


def _check(kind: RequestKind, *, for_firm: bool, text: str, field: str, value: str) -> None:
    if kind != RequestKind.CORRECTION:
        return
    if field not in set(ContactField):
        raise UnableToRequest("请选择要更正的内容", field="field")
    if (field == ContactField.ADDRESS) != for_firm and field != ContactField.OTHER:
        raise UnableToRequest("企业地址由企业申请更正，电话和邮箱由本人申请更正", field="field")
    if field == ContactField.OTHER and not text.strip():
        raise UnableToRequest("请写明要更正什么、应为什么", field="text")
    if field != ContactField.OTHER and not value.strip():
        raise UnableToRequest("请填写正确的内容", field="value")
    if field == ContactField.EMAIL and "@" not in value:
        raise UnableToRequest("邮箱格式不正确", field="value")
