"""How an appeal begins: a case of its own between the party and the operator. Clause P5."""

from uuid import UUID

from finmart.centres.business.catalogue.types import CatalogueAct
from finmart.centres.governance.feedback import operations as feedback_operations
from finmart.centres.governance.feedback.types import AppealRef, AppealSubject, UnableToAppeal
from finmart.centres.technical.audit import queries as audit_queries
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import OrganisationKind
from finmart.centres.technical.processes import operations as processes_operations
from finmart.centres.technical.processes.types import LaneHolder
from finmart.kit import transactions
from finmart.kit.actor import Actor

PROCESS = "appeal"
PARTY_LANE = "申诉方"
OPERATOR_LANE = "平台运营"
READER = Actor.of_system("appeal")
_DECISIONS = frozenset({CatalogueAct.PRODUCT_DELIST, CatalogueAct.PRODUCT_PUBLISH, CatalogueAct.PRODUCT_SEND_BACK})


def lodge(actor: Actor, *, subject: AppealSubject, reference: str, grounds: str) -> AppealRef:
    """Appeal and start the process; whoever decided on the listing is barred from it.

    Raises what :func:`feedback.operations.lodge_appeal` raises.
    """
    transactions.require()
    operators = parties_queries.organisations_of_kind(OrganisationKind.OPERATOR)
    if not operators:
        raise UnableToAppeal("平台尚未登记运营机构，暂不能受理申诉")
    made = feedback_operations.lodge_appeal(
        actor, subject=subject, reference=reference, grounds=grounds, operator_id=operators[0].id,
        deciders=_deciders(subject, reference),
    )  # fmt: skip
    processes_operations.start(
        actor,
        PROCESS,
        case_uuid=made.case_uuid,
        variables={"appeal_uuid": str(made.uuid), "number": made.number, "deciders": list(made.deciders)},
        lanes={
            PARTY_LANE: LaneHolder(organisation_id=made.organisation_id),
            OPERATOR_LANE: LaneHolder(organisation_id=operators[0].id),
        },
    )
    return made


def _deciders(subject: AppealSubject, reference: str) -> list[int]:
    """Return who decided on a product's listing, as the trail has it; a match and a score are computed by no person."""
    if subject is not AppealSubject.LISTING or not _is_uuid(reference):
        return []
    rows = audit_queries.entries_for(READER, subject=f"product:{reference}")
    return sorted({row.person_id for row in rows if row.tag in _DECISIONS and row.person_id is not None})


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
