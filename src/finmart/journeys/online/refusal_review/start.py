"""How a human review of a refusal begins: the firm asks, in the case of the refused application. Clause D4."""

from uuid import UUID

from finmart.centres.business.applications import operations as applications_operations
from finmart.centres.business.applications import queries as applications_queries
from finmart.centres.business.applications.types import ReviewRef
from finmart.centres.technical.processes import operations as processes_operations
from finmart.centres.technical.processes import queries as processes_queries
from finmart.centres.technical.processes.types import LaneHolder
from finmart.kit import transactions
from finmart.kit.actor import Actor

PROCESS = "refusal_review"
ENTERPRISE_LANE = "申请企业"
INSTITUTION_LANE = "原办理机构"


def request(actor: Actor, application_uuid: UUID, *, grounds: str) -> ReviewRef:
    """Ask for the review of a refusal and start its process; whoever signed for the institution is barred from it.

    Raises what :func:`applications.operations.request_review` raises.
    """
    transactions.require()
    application = applications_queries.application_for(actor, application_uuid)
    deciders = processes_queries.signers_of_case(application.case_uuid, application.institution.id)
    review = applications_operations.request_review(actor, application_uuid, grounds=grounds, deciders=deciders)
    processes_operations.start(
        actor,
        PROCESS,
        case_uuid=review.case_uuid,
        variables={
            "review_uuid": str(review.uuid),
            "application_uuid": str(application_uuid),
            "number": application.number,
            "organisation_id": review.organisation_id,
            "deciders": list(review.deciders),
        },
        lanes={
            ENTERPRISE_LANE: LaneHolder(organisation_id=review.organisation_id),
            INSTITUTION_LANE: LaneHolder(organisation_id=review.institution_id),
        },
    )
    return review
