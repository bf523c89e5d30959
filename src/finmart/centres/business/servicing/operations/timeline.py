"""Telling the parties of a case about their loan; an archived case is told nothing, the loan goes on all the same."""

from uuid import UUID

from finmart.centres.business.cases import operations as cases_operations
from finmart.centres.business.cases import queries as cases_queries
from finmart.centres.business.cases.types import CaseState, TimelineKind
from finmart.kit.actor import Actor


def tell(actor: Actor, case_uuid: UUID, text: str) -> None:
    """Add a line about a loan to the timeline, for all parties."""
    if cases_queries.state_for(actor, case_uuid) != CaseState.ARCHIVED:
        cases_operations.note(actor, case_uuid, TimelineKind.FUNDS, text)
