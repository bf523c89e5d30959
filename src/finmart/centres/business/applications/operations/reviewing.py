"""A person looks at a refusal again because the firm asks for it. Clause D4: no score alone refuses."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError

from finmart.centres.business.applications import policies, rules
from finmart.centres.business.applications.events import ReviewDecided
from finmart.centres.business.applications.models import Application, Review
from finmart.centres.business.applications.operations.moves import found
from finmart.centres.business.applications.queries import REVIEW_REQUEST_DAYS
from finmart.centres.business.applications.types import (
    ApplicationsAct,
    ApplicationState,
    ReviewOutcome,
    ReviewRef,
    UnableToReview,
)
from finmart.centres.business.cases import operations as cases_operations
from finmart.centres.business.cases.types import TimelineKind
from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, Conflict, NotFound
from finmart.kit.events import publish


def request_review(actor: Actor, application_uuid: UUID, *, grounds: str, deciders: Sequence[int]) -> ReviewRef:
    """Ask, for the firm, that a person look at a refusal again; once, and within the pack's period.

    ``deciders`` signed for the institution before; none of them may decide. The case is open again until then.
    Raises NotFound, AccessDenied, UnableToReview, and Conflict for a second request.
    """
    transactions.require()
    application = found(actor, application_uuid)
    if not policies.can_request_review(actor, application):
        raise AccessDenied("只有企业经办人或法定代表人可以请求复核")
    text = rules.clean_text(grounds, field="grounds", required=True, longest=rules.LONGEST_REVIEW_TEXT)
    if application.state != ApplicationState.REFUSED:
        raise UnableToReview("只有未通过的申请可以请求复核")
    days = parameters_queries.value(REVIEW_REQUEST_DAYS)
    if clock.now() > application.changed_at + timedelta(days=days):
        raise UnableToReview(f"已超过 {days} 天的复核请求期限", remedy="您可以提出新的融资需求，或向平台申诉")
    review = Review(
        application=application, grounds=text, deciders=sorted(set(deciders)), requested_by_id=actor.person_id,
        requested_at=clock.now(),
    )  # fmt: skip
    try:
        with transactions.opened():
            review.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("该申请已请求过复核，每笔申请只能请求一次") from error
    case_uuid = application.case.uuid
    cases_operations.reopen(Actor.of_system("refusal_review"), case_uuid, reason="企业请求人工复核")
    cases_operations.note(actor, case_uuid, TimelineKind.STATE, f"企业请求人工复核：{text}"[:2_000])
    audit_operations.record(
        actor, ApplicationsAct.REVIEW_REQUEST, f"application:{application.uuid}", review=str(review.uuid), grounds=text
    )
    return ReviewRef(
        review.uuid, case_uuid, application.institution_id, application.organisation_id, tuple(review.deciders)
    )


def uphold(actor: Actor, review_uuid: UUID, *, reason: str) -> None:
    """Let the refusal stand, saying why. Raises NotFound, AccessDenied, UnableToReview, Conflict."""
    transactions.require()
    _decide(actor, review_uuid, ReviewOutcome.UPHELD, reason)


def reopen(actor: Actor, review_uuid: UUID, *, reason: str) -> None:
    """Take the refusal back: the firm may bring the same need to the same product again. Raises as :func:`uphold`."""
    transactions.require()
    _decide(actor, review_uuid, ReviewOutcome.REOPENED, reason)


def _decide(actor: Actor, review_uuid: UUID, outcome: ReviewOutcome, reason: str) -> None:
    text = rules.clean_text(reason, field="reason", required=True, longest=rules.LONGEST_REVIEW_TEXT)
    review = Review.objects.select_for_update(of=("self",)).select_related("application__case").get(uuid=review_uuid)
    application = review.application
    if not policies.can_know(actor, application):
        raise NotFound("没有找到该复核")
    if not policies.acts_for_institution(actor, application.institution_id) or actor.person_id is None:
        raise AccessDenied("只有原办理机构的人员可以复核")
    if not policies.may_decide_review(actor, review.deciders):
        raise AccessDenied("您参与过原决定，不能复核")
    if review.outcome:
        raise Conflict("该复核已有结论")
    now = clock.now()
    review.outcome, review.reason, review.decided_by_id, review.decided_at = outcome, text, actor.person_id, now
    review.save(update_fields=["outcome", "reason", "decided_by", "decided_at"])
    _tell(actor, application, outcome, text)


def _tell(actor: Actor, application: Application, outcome: ReviewOutcome, text: str) -> None:
    is_reopened = outcome is ReviewOutcome.REOPENED
    if is_reopened:
        application.reopened_at = clock.now()
        application.save(update_fields=["reopened_at"])
    case = application.case
    cases_operations.note(actor, case.uuid, TimelineKind.STATE, f"人工复核：{outcome.label}。理由：{text}"[:2_000])
    act = ApplicationsAct.APPLICATION_REOPEN if is_reopened else ApplicationsAct.REVIEW_UPHOLD
    audit_operations.record(actor, act, f"application:{application.uuid}", reason=text)
    publish(
        ReviewDecided(
            application_uuid=application.uuid,
            case_uuid=case.uuid,
            number=case.number,
            organisation_id=application.organisation_id,
            institution_id=application.institution_id,
            version_id=application.version_id,
            reason=text,
            is_reopened=is_reopened,
        )
    )
