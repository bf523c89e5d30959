"""How a bank loan begins: a firm applies, each application opens a case, each case runs this process."""

from collections.abc import Sequence
from uuid import UUID

from finmart.centres.business.applications import operations as applications_operations
from finmart.centres.business.applications.types import ApplicationRef
from finmart.centres.business.catalogue.types import CollateralKind
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.centres.technical.processes import operations as processes_operations
from finmart.centres.technical.processes.types import LaneHolder
from finmart.kit import transactions
from finmart.kit.actor import Actor

PROCESS = "bank_loan"
ENTERPRISE_LANE = "借款企业"
BANK_LANE = "贷款银行"

# Which setting of the pack bounds which step; the operator may change them for cases that start later.
DEADLINES = {
    "accept": "bank_loan.deadline.acceptance",
    "supplement": "bank_loan.deadline.completion",
    "due_diligence": "bank_loan.deadline.due_diligence",
    "review": "bank_loan.deadline.review",
    "approve": "bank_loan.deadline.approval",
    "choose": "applications.offer.valid_days",
    "sign_enterprise": "bank_loan.deadline.contract",
    "sign_joint": "bank_loan.deadline.contract",
    "sign_bank": "bank_loan.deadline.contract",
    "secure": "bank_loan.deadline.conditions",
    "fulfil": "bank_loan.deadline.conditions",
    "fulfil_again": "bank_loan.deadline.conditions",
    "check_disbursement": "bank_loan.deadline.disbursement_check",
    "confirm_payment": "bank_loan.deadline.payment",
    "check_use": "bank_loan.deadline.first_check",
}


def apply(actor: Actor, need_uuid: UUID, version_ids: Sequence[int]) -> list[ApplicationRef]:
    """Apply to the institutions of the chosen product versions and start one process each (clauses B1, B2).

    All or none. Raises what :func:`applications.operations.apply` raises.
    """
    transactions.require()
    made = applications_operations.apply(actor, need_uuid, version_ids)
    limits = parameters_queries.values(set(DEADLINES.values()))
    for application in made:
        _start(actor, application, limits)
    return made


def _start(actor: Actor, application: ApplicationRef, limits: dict[str, int]) -> None:
    processes_operations.start(
        actor,
        PROCESS,
        case_uuid=application.case_uuid,
        variables={
            "application_uuid": str(application.uuid),
            "number": application.number,
            "amount_fen": application.amount_fen,
            "term_months": application.term_months,
            "security_required": application.collateral is not CollateralKind.NONE,
            "joint_liability": application.joint_liability,
            "condition_count": 0,
            **{f"deadline_{step}": limits[key] for step, key in DEADLINES.items()},
        },
        lanes={
            ENTERPRISE_LANE: LaneHolder(organisation_id=application.organisation_id),
            BANK_LANE: LaneHolder(organisation_id=application.institution_id),
        },
    )
