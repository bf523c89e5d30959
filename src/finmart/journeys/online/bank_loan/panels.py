"""What each party sees beside a step: the application, the offer, the contract, the conditions of payment."""

from typing import Any

from finmart.centres.business.applications import queries as applications_queries
from finmart.centres.business.applications.types import ApplicationView
from finmart.centres.business.funds import queries as funds_queries
from finmart.centres.business.instruments import queries as instruments_queries
from finmart.centres.data.consents import queries as consents_queries
from finmart.centres.data.consents.types import Purpose
from finmart.centres.technical.processes.types import ItemView
from finmart.journeys.online.bank_loan.start import BANK_LANE
from finmart.kit.actor import Actor

_WITH_OFFER = frozenset({"choose"})
_WITH_CONTRACT = frozenset({"sign_enterprise", "sign_joint", "sign_bank", "check_disbursement"})
_WITH_PAYMENT = frozenset({"secure", "fulfil", "fulfil_again", "check_disbursement", "confirm_payment"})
_DECISIVE = frozenset({"offer", "contract", "disbursement"})  # what is decided on is read before the form
_TITLES = {
    "application": "申请",
    "facts": "企业数据",
    "offer": "报价",
    "contract": "合同",
    "disbursement": "放款条件与收款人",
}


def shown(actor: Actor, item: ItemView) -> list[tuple[str, str, dict[str, Any], bool]]:
    """Return (title, template, values, decisive) of the cards for this actor at this step."""
    application = applications_queries.application_of_case_for(actor, item.case_uuid)
    if application is None:
        return []
    found: dict[str, dict[str, Any]] = {"application": {"application": application}}
    if item.lane == BANK_LANE and actor.organisation_id == application.institution.id:
        found["facts"] = _facts(application)
    if item.step in _WITH_OFFER and application.offer:
        found["offer"] = {"offer": application.offer, "need_uuid": application.need_uuid}
    if item.step in _WITH_CONTRACT:
        contracts = instruments_queries.contracts_of_case(actor, item.case_uuid)
        found["contract"] = {"contracts": contracts}
    if item.step in _WITH_PAYMENT:
        found["disbursement"] = {"disbursements": funds_queries.disbursements_for(actor, item.case_uuid)}
    return [(_TITLES[name], f"bank_loan/{name}.html", values, name in _DECISIVE) for name, values in found.items()]


def _facts(application: ApplicationView) -> dict[str, Any]:
    """Say what the firm allows to be read, without reading it: reading is an act of its own, on record."""
    covered = consents_queries.covered_fact_types(
        grantor_id=application.firm.id, recipient_id=application.institution.id, purpose=Purpose.LOAN_REVIEW
    )
    return {"number": application.number, "covered": len(covered)}
