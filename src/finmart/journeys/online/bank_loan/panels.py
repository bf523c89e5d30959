"""What each party sees beside a step: the application, the offer, the contract, the conditions of payment."""

from collections.abc import Mapping
from typing import Any

from finmart.centres.business.applications import queries as applications_queries
from finmart.centres.business.applications.types import ApplicationView
from finmart.centres.business.funds import queries as funds_queries
from finmart.centres.business.instruments import queries as instruments_queries
from finmart.centres.data.consents import queries as consents_queries
from finmart.centres.data.consents.types import Purpose
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.processes.types import ItemView
from finmart.journeys.online.bank_loan.start import BANK_LANE
from finmart.kit.actor import Actor
from finmart.kit.finance import RepaymentMethod

_WITH_OFFER = frozenset({"choose"})
_WITH_DILIGENCE = frozenset({"review", "approve"})
_WITH_RECOMMENDATION = frozenset({"approve"})
_WITH_CONTRACT = frozenset({"sign_enterprise", "sign_joint", "sign_bank", "check_disbursement"})
_WITH_PAYMENT = frozenset({"secure", "fulfil", "fulfil_again", "check_disbursement", "confirm_payment"})
# What is decided on is read before the form.
_DECISIVE = frozenset({"recommendation", "diligence", "offer", "contract", "disbursement"})
_TITLES = {
    "application": "申请",
    "recommendation": "授信方案",
    "diligence": "尽职调查",
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
    if item.step in _WITH_RECOMMENDATION and item.variables:
        found["recommendation"] = {"recommended": _recommended(item.variables)}
    if item.step in _WITH_DILIGENCE and item.variables:
        found["diligence"] = {"signed": _diligence(item)}
    if item.step in _WITH_OFFER and application.offer:
        found["offer"] = {"offer": application.offer, "need_uuid": application.need_uuid}
    if item.step in _WITH_CONTRACT:
        contracts = instruments_queries.contracts_of_case(actor, item.case_uuid)
        found["contract"] = {"contracts": contracts}
    if item.step in _WITH_PAYMENT:
        found["disbursement"] = {"disbursements": funds_queries.disbursements_for(actor, item.case_uuid)}
    return [(_TITLES[name], f"bank_loan/{name}.html", values, name in _DECISIVE) for name, values in found.items()]


def _recommended(known: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the review recommends and the approvers decide on."""
    return {
        "rating": known.get("internal_rating", ""),
        "amount_fen": known.get("offer_amount_fen"),
        "annual_rate": known.get("offer_annual_rate"),
        "term_months": known.get("offer_term_months"),
        "method": RepaymentMethod(known["offer_method"]).label if known.get("offer_method") else "",
        "security": known.get("security_description", "") if known.get("security_required") else "",
        "joint_liability": bool(known.get("joint_liability")),
        "conditions": known.get("conditions", ()),
    }


def _diligence(item: ItemView) -> list[dict[str, Any]]:
    """Return what each of those who looked at the firm found, in the order of signing."""
    parts = item.parts_of("due_diligence")
    names = parties_queries.persons({part.person_id for part in parts})
    return [
        {
            "name": names[part.person_id].full_name,
            "at": part.signed_at,
            "is_for": part.outcome == "PASS",
            "visited_on": part.values.get("visited_on", ""),
            "findings": part.values.get("findings", ""),
            "opinion": part.opinion,
        }
        for part in parts
    ]


def _facts(application: ApplicationView) -> dict[str, Any]:
    """Say what the firm allows to be read, without reading it: reading is an act of its own, on record."""
    covered = consents_queries.covered_fact_types(
        grantor_id=application.firm.id, recipient_id=application.institution.id, purpose=Purpose.LOAN_REVIEW
    )
    return {"number": application.number, "covered": len(covered)}
