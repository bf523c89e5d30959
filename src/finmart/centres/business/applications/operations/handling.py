"""What the institution does with an application, and how it goes on after an accepted offer. Clauses B6, P3."""

from dataclasses import asdict
from uuid import UUID

from finmart.centres.business.applications import rules
from finmart.centres.business.applications.models import Application
from finmart.centres.business.applications.operations.moves import (
    NEED_MOVED,
    begin,
    found,
    locked_need_of,
    move,
    permit,
)
from finmart.centres.business.applications.types import (
    ApplicationState,
    Move,
    NeedState,
    OfferState,
    RefusalReason,
    ScoreSeen,
    UnableToRefuse,
)
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.statements import Change

_SCORE_SEEN = Change(Application, "score_seen")
ACCEPTED = "申请已受理"
REVIEW_STARTED = "进入尽调与审查审批"


def accept_application(actor: Actor, application_uuid: UUID) -> None:
    """Take a complete application on. Raises Conflict where it is not waiting for that."""
    transactions.require()
    application = begin(actor, application_uuid, Move.ACCEPT)
    move(actor, application, Move.ACCEPT, ACCEPTED)


def take_up(actor: Actor, application_uuid: UUID) -> None:
    """Take a complete application on and begin its review at once; one taken up before stays as it is."""
    transactions.require()
    application = found(actor, application_uuid)
    permit(actor, application, Move.ACCEPT)
    permit(actor, application, Move.START_REVIEW)
    if application.state != ApplicationState.SUBMITTED:
        return
    move(actor, application, Move.ACCEPT, ACCEPTED)
    move(actor, application, Move.START_REVIEW, REVIEW_STARTED)


def return_application(actor: Actor, application_uuid: UUID, *, reason: str) -> None:
    """Give an application back to the firm, saying what is missing."""
    transactions.require()
    text = rules.clean_text(reason, field="reason", required=True)
    application = begin(actor, application_uuid, Move.RETURN)
    move(actor, application, Move.RETURN, f"退回企业补正：{text}", reason=text)


def start_review(actor: Actor, application_uuid: UUID) -> None:
    """Begin due diligence and review of an accepted application."""
    transactions.require()
    application = begin(actor, application_uuid, Move.START_REVIEW)
    move(actor, application, Move.START_REVIEW, REVIEW_STARTED)


def refuse(
    actor: Actor, application_uuid: UUID, reason: str, *, explanation: str = "", seen: ScoreSeen | None = None
) -> None:
    """Say no, always with a code of RefusalReason; OTHER needs an explanation. An open offer binds: not then.

    ``seen`` is the platform's score the institution had looked at: the firm is told with its reason codes. No code of
    RefusalReason stands for a score, so that none refuses by itself (clause D4).

    Raises UnableToRefuse without a reason, Conflict where the state does not allow it. Clause P3.
    """
    transactions.require()
    if reason not in set(RefusalReason):
        raise UnableToRefuse("请选择未通过的原因", field="reason")
    code = RefusalReason(reason)
    text = rules.clean_text(explanation, field="explanation")
    if code is RefusalReason.OTHER and not text:
        raise UnableToRefuse("选择“其他原因”时请说明具体原因", field="explanation")
    application = begin(actor, application_uuid, Move.REFUSE)
    application.offers.filter(state=OfferState.ACCEPTED).update(state=OfferState.WITHDRAWN, answered_at=clock.now())
    application.refusal_reason = code
    if seen is not None:
        application.score_seen = asdict(seen)
        _SCORE_SEEN.write(application)
    words = f"{code.label}{'（' + text + '）' if text else ''}"
    move(actor, application, Move.REFUSE, f"申请未通过：{words}", reason=words, code=str(code))


def mark_signed(actor: Actor, application_uuid: UUID) -> None:
    """Record that the contract was signed; whoever owns the contract calls this."""
    transactions.require()
    application = begin(actor, application_uuid, Move.SIGN)
    move(actor, application, Move.SIGN, "合同已签署")


def mark_disbursed(actor: Actor, application_uuid: UUID) -> None:
    """Record that the money was paid out; the need is met."""
    transactions.require()
    need = locked_need_of(application_uuid)
    application = begin(actor, application_uuid, Move.DISBURSE)
    need.state = NeedState.CLOSED
    NEED_MOVED.write(need)
    move(actor, application, Move.DISBURSE, "贷款已发放")


def mark_settled(actor: Actor, application_uuid: UUID) -> None:
    """Record that all was repaid."""
    transactions.require()
    application = begin(actor, application_uuid, Move.SETTLE)
    move(actor, application, Move.SETTLE, "贷款已结清")


def close(actor: Actor, application_uuid: UUID) -> None:
    """End a settled application and its case."""
    transactions.require()
    application = begin(actor, application_uuid, Move.CLOSE)
    move(actor, application, Move.CLOSE, "贷款结清，案件办结")
