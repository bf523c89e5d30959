"""What the steps of a review do in the centres; one function per task of process.bpmn, named as the task."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from finmart.centres.business.applications import operations as applications_operations
from finmart.centres.business.cases import operations as cases_operations
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.processes.types import Binding, StepContext
from finmart.journeys.online.refusal_review.forms import REVIEWERS
from finmart.kit.actor import Actor
from finmart.kit.errors import Refusal

PROCESS_ACTOR = Actor.of_system("refusal_review")
CLOSINGS = {"REOPEN": "人工复核：撤销拒绝，企业可重新申请", "UPHOLD": "人工复核：维持原决定"}


def assign(context: StepContext) -> Mapping[str, Any]:
    """Name the reviewer. Raises Refusal for one who decided before or holds no deciding role there."""
    reviewer = context.variables.get("reviewer")
    able = {one.id for one in parties_queries.members_with_role(context.actor.organisation_id or 0, *REVIEWERS)}
    tied = parties_queries.persons_tied_to([int(context.variables["organisation_id"])], able)
    if reviewer not in able - tied - set(context.variables["deciders"]):
        raise Refusal(
            "复核人须是本机构未参与原决定、与企业没有利害关系的审查或审批人员",
            field="reviewer",
            remedy="请另选人员；没有时请先增派",
        )
    return {"reviewers": [reviewer]}


def review(context: StepContext) -> None:
    """Decide as the reviewer: the finding cannot be recorded without the person's own act."""
    decide = (
        applications_operations.reopen
        if context.variables["review_outcome"] == "REOPEN"
        else applications_operations.uphold
    )
    decide(
        context.actor, UUID(context.variables["review_uuid"]), reason=str(context.variables.get("review_reason", ""))
    )


def conclude(context: StepContext) -> None:
    cases_operations.close(PROCESS_ACTOR, context.case_uuid, reason=CLOSINGS[str(context.variables["review_outcome"])])


BINDINGS: dict[str, Binding] = {"assign": assign, "review": review, "conclude": conclude}
