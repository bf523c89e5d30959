"""What the bank loan does when something happens outside its steps."""

from uuid import UUID

from django.urls import reverse

from finmart.centres.business.applications import queries as applications_queries
from finmart.centres.business.applications.events import ApplicationEvent
from finmart.centres.business.cases import operations as cases_operations
from finmart.centres.business.cases import queries as cases_queries
from finmart.centres.business.cases.types import TimelineKind
from finmart.centres.business.funds.events import DisbursementPaid
from finmart.centres.business.servicing.events import LoanSettled
from finmart.centres.data.consents.events import ConsentWithdrawn
from finmart.centres.data.consents.types import Purpose
from finmart.centres.technical.notices import operations as notices_operations
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import Members, Role
from finmart.centres.technical.processes import operations as processes_operations
from finmart.centres.technical.processes import queries as processes_queries
from finmart.journeys.online.bank_loan import advancing
from finmart.journeys.online.bank_loan.payments import PROCESS_ACTOR
from finmart.journeys.online.bank_loan.start import PROCESS


def on_disbursement_paid(event: DisbursementPaid) -> None:
    """Go on once the bank core has confirmed the payment."""
    _decide(event.case_uuid, "confirm_payment", "PAID", "银行核心系统确认到账")


def on_loan_settled(event: LoanSettled) -> None:
    """End the case once nothing is owed; a loan repaid before its first check waits for the check."""
    _decide(event.case_uuid, "settle", "SETTLED", "贷款本息已还清")


def on_application_over(event: ApplicationEvent) -> None:
    """Stop the process of an application that ended outside it: withdrawn, or another bank's offer accepted."""
    if advancing.is_marked(event.case_uuid):
        return
    for instance in processes_queries.running_of_case(event.case_uuid, PROCESS):
        processes_operations.terminate(PROCESS_ACTOR, instance, opinion=event.reason or "申请已结束")


def on_consent_withdrawn(event: ConsentWithdrawn) -> None:
    """Note in every open case that the firm's facts are closed, and tell the institution's account managers (F2).

    The case itself goes on: what it still needs, the institution asks the firm for.
    """
    numbers = applications_queries.open_numbers_between(
        PROCESS_ACTOR, organisation_id=event.grantor_id, institution_id=event.recipient_id
    )
    if not numbers:
        return
    managers = Members(event.recipient_id, (Role.INSTITUTION_ACCOUNT_MANAGER,))
    enterprise = parties_queries.organisation(event.grantor_id).name
    purpose = Purpose(event.purpose).label
    for number in numbers:
        case = cases_queries.case_for(PROCESS_ACTOR, number).ref
        text = f"企业撤回了“{purpose}”的数据授权，此后不能再查看其数据；已留存的副本已按授权约定处理"
        cases_operations.note(PROCESS_ACTOR, case.uuid, TimelineKind.NOTE, text)
        notices_operations.notify(
            PROCESS_ACTOR,
            members=[managers],
            template="consent_withdrawn",
            values={"enterprise": enterprise, "purpose": purpose},
            link=reverse("cases:page", args=[number]),
            key=f"consent-withdrawn:{event.consent_uuid}:{number}",
        )


def _decide(case_uuid: UUID, step: str, outcome: str, opinion: str) -> None:
    item = processes_queries.find_open_item(case_uuid, step, PROCESS)
    if item is not None:
        processes_operations.decide(PROCESS_ACTOR, item, outcome, opinion)
