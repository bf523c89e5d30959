"""Lodging an appeal against the platform, and finding on it. Clause P5."""

from collections.abc import Sequence
from uuid import UUID

from django.db import IntegrityError

from finmart.centres.business.cases import operations as cases_operations
from finmart.centres.business.cases.types import CaseKind, CaseParty, PartyRole, TimelineKind
from finmart.centres.governance.feedback import policies
from finmart.centres.governance.feedback.events import AppealDecided
from finmart.centres.governance.feedback.models import Appeal
from finmart.centres.governance.feedback.types import (
    AppealFinding,
    AppealRef,
    AppealSubject,
    FeedbackAct,
    UnableToAppeal,
)
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import clock, events, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, Conflict, NotFound

LONGEST = 2_000
LONGEST_REFERENCE = 60


def lodge_appeal(
    actor: Actor,
    *,
    subject: AppealSubject,
    reference: str,
    grounds: str,
    operator_id: int,
    deciders: Sequence[int] = (),
) -> AppealRef:
    """Appeal for the actor's organisation against a decision of the platform, in a case of its own; once per thing.

    Raises AccessDenied, UnableToAppeal (nothing said, not theirs to appeal against), Conflict for a second time.
    """
    transactions.require()
    if not policies.can_appeal(actor) or actor.organisation_id is None:
        raise AccessDenied("只有企业和入驻机构的人员可以申诉")
    if not policies.may_be_about(actor, subject):
        raise UnableToAppeal("该事项不由贵方申诉", field="subject")
    told, about = _clean(grounds, "grounds", LONGEST), _clean(reference, "reference", LONGEST_REFERENCE)
    case = cases_operations.open(
        actor, kind=CaseKind.APPEAL, title=f"{actor.organisation_name}申诉：{subject.label}"[:200],
        parties=[
            CaseParty(PartyRole.APPLICANT, organisation_id=actor.organisation_id),
            CaseParty(PartyRole.HANDLER, organisation_id=operator_id),
        ],
    )  # fmt: skip
    appeal = Appeal(
        case_id=case.id, organisation_id=actor.organisation_id, subject=subject, reference=about, grounds=told,
        deciders=sorted(set(deciders)), lodged_by_id=actor.person_id, lodged_at=clock.now(),
    )  # fmt: skip
    try:
        with transactions.opened():
            appeal.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("贵方已就此事项申诉过", remedy="请在“申诉”中查看进度") from error
    cases_operations.note(actor, case.uuid, TimelineKind.STATE, f"提出申诉：{told}"[:2_000])
    audit_operations.record(
        actor, FeedbackAct.APPEAL_LODGE, f"appeal:{appeal.uuid}", about=str(subject), reference=about
    )
    return AppealRef(appeal.uuid, case.uuid, case.number, actor.organisation_id, tuple(appeal.deciders))


def accept_appeal(actor: Actor, appeal_uuid: UUID, *, reason: str) -> None:
    """Find that the appeal is right, saying what is put right. Raises as :func:`reject_appeal`."""
    transactions.require()
    _find(actor, appeal_uuid, AppealFinding.ACCEPTED, reason)


def reject_appeal(actor: Actor, appeal_uuid: UUID, *, reason: str) -> None:
    """Find that the decision stands, saying why. Raises NotFound, AccessDenied, UnableToAppeal, Conflict."""
    transactions.require()
    _find(actor, appeal_uuid, AppealFinding.REJECTED, reason)


def _find(actor: Actor, appeal_uuid: UUID, finding: AppealFinding, reason: str) -> None:
    told = _clean(reason, "reason", LONGEST)
    appeal = Appeal.objects.select_for_update(of=("self",)).select_related("case").filter(uuid=appeal_uuid).first()
    if appeal is None or not policies.can_find(actor):
        raise NotFound("没有找到该申诉")
    if not policies.may_find_on(actor, appeal.organisation_id, appeal.deciders):
        raise AccessDenied("您参与过原决定或与申诉方有利害关系，应当回避")
    if appeal.finding:
        raise Conflict("该申诉已有结论")
    appeal.finding, appeal.reason = finding, told
    appeal.decided_by_id, appeal.decided_at = actor.person_id, clock.now()
    appeal.save(update_fields=["finding", "reason", "decided_by", "decided_at"])
    text = f"申诉结论：{finding.label}。{told}"[:2_000]
    cases_operations.note(actor, appeal.case.uuid, TimelineKind.STATE, text)
    is_accepted = finding is AppealFinding.ACCEPTED
    act = FeedbackAct.APPEAL_ACCEPT if is_accepted else FeedbackAct.APPEAL_REJECT
    audit_operations.record(actor, act, f"appeal:{appeal.uuid}", reason=told)
    events.publish(
        AppealDecided(appeal.uuid, appeal.case.uuid, appeal.case.number, appeal.organisation_id, is_accepted)
    )


def _clean(text: str, field: str, longest: int) -> str:
    cleaned = text.strip()
    if not cleaned or len(cleaned) > longest or "\x00" in cleaned:
        raise UnableToAppeal(f"请填写，最多 {longest} 字", field=field)
    return cleaned
