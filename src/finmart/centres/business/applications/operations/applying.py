"""What the firm does with its applications. Clause B1: applying once to several institutions."""

from collections.abc import Sequence
from uuid import UUID

from django.db import IntegrityError

from finmart.centres.business.applications import events, policies, rules
from finmart.centres.business.applications.models import Application, Need, Offer
from finmart.centres.business.applications.operations.moves import (
    application_ref,
    begin,
    locked_need,
    move,
    require,
    told,
)
from finmart.centres.business.applications.types import ApplicationRef, ApplicationsAct, Move, NeedState, OfferState
from finmart.centres.business.cases import operations as cases_operations
from finmart.centres.business.cases.types import CaseKind, CaseParty, CaseRef, PartyRole, TimelineKind
from finmart.centres.business.catalogue import queries as catalogue_queries
from finmart.centres.business.catalogue.types import ProductView, UnableToApply
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, Conflict
from finmart.kit.events import publish
from finmart.kit.money import format_yuan

MOST_AT_ONCE = 10  # a default of ours


def apply(actor: Actor, need_uuid: UUID, version_ids: Sequence[int]) -> list[ApplicationRef]:
    """Bring a need before the institutions of the chosen product versions, in one case each, in their order.

    All or none: raises UnableToApply where a product was delisted or replaced meanwhile or an offer was already
    accepted, Conflict where a product was applied for before (a double click), NotFound, AccessDenied.
    """
    transactions.require()
    need = locked_need(actor, need_uuid)
    if not policies.acts_for_firm(actor, need.organisation_id):
        raise AccessDenied("只有企业经办人或法定代表人可以提交申请")
    _require_applicable(need, version_ids)
    views = [catalogue_queries.require_open(version_id) for version_id in version_ids]
    return [_submit(actor, need, view) for view in views]


def resubmit(actor: Actor, application_uuid: UUID, *, explanation: str = "") -> None:
    """Hand a returned application in again. Raises Conflict where it is not (any more) returned."""
    transactions.require()
    text = rules.clean_text(explanation, field="explanation")
    application = begin(actor, application_uuid, Move.RESUBMIT)
    move(actor, application, Move.RESUBMIT, f"企业已补正并重新提交{'：' + text if text else ''}")


def withdraw(actor: Actor, application_uuid: UUID, *, reason: str) -> None:
    """Take an application back, until it is signed. An open or accepted offer falls with it."""
    transactions.require()
    text = rules.clean_text(reason, field="reason", required=True)
    withdraw_locked(actor, begin(actor, application_uuid, Move.WITHDRAW), text)


def withdraw_locked(actor: Actor, application: Application, text: str) -> None:
    """Do so with an application that is already locked."""
    require(actor, application, Move.WITHDRAW)
    standing = application.offers.filter(state__in=[OfferState.OPEN, OfferState.ACCEPTED])
    standing.update(state=OfferState.DECLINED, answered_at=clock.now())
    move(actor, application, Move.WITHDRAW, f"企业撤回申请：{text}", reason=text)


def _require_applicable(need: Need, version_ids: Sequence[int]) -> None:
    if need.state != NeedState.STATED:
        raise UnableToApply(f"该需求{NeedState(need.state).label}，不能申请", remedy="请先提出融资需求")
    if not version_ids:
        raise UnableToApply("请至少选择一个产品", field="products")
    if len(version_ids) > MOST_AT_ONCE:
        raise UnableToApply(f"一次最多申请 {MOST_AT_ONCE} 个产品", field="products")
    if Offer.objects.filter(need=need, state=OfferState.ACCEPTED).exists():
        raise UnableToApply("该需求已接受一家机构的报价", remedy="如需更多资金，请另提需求")


def _submit(actor: Actor, need: Need, view: ProductView) -> ApplicationRef:
    again = (str(state) for state in rules.MAY_APPLY_AGAIN)
    if need.applications.filter(product_id=view.product_id).exclude(state__in=list(again)).exists():
        raise Conflict(
            f"已申请过“{view.terms.name}”，请勿重复提交", field="products", remedy="请在“我的申请”中查看进度"
        )
    case = _open_case(actor, need, view)
    application = _made(need, view, case)
    text = f"提交申请：{view.terms.name}，{format_yuan(application.amount_fen)} 元，{application.term_months} 个月"
    cases_operations.note(actor, case.uuid, TimelineKind.STATE, text)
    audit_operations.record(
        actor, ApplicationsAct.APPLICATION_SUBMIT, f"application:{application.uuid}", case=case.number,
        need=need.number, version=view.version_id, amount_fen=application.amount_fen,
    )  # fmt: skip
    publish(told(application, events.ApplicationSubmitted))
    return application_ref(application)


def _open_case(actor: Actor, need: Need, view: ProductView) -> CaseRef:
    return cases_operations.open(
        actor,
        kind=CaseKind.BANK_LOAN,
        title=f"{actor.organisation_name}申请{view.terms.name}"[:200],
        parties=[
            CaseParty(PartyRole.BORROWER, organisation_id=need.organisation_id),
            CaseParty(PartyRole.LENDER, organisation_id=view.institution.id),
        ],
    )


def _made(need: Need, view: ProductView, case: CaseRef) -> Application:
    now = clock.now()
    try:
        with transactions.opened():
            return Application.objects.create(
                need=need, case_id=case.id, organisation_id=need.organisation_id,
                institution_id=view.institution.id, product_id=view.product_id, version_id=view.version_id,
                product_name=view.terms.name, amount_fen=need.amount_fen or 0, term_months=need.term_months or 0,
                purpose=need.purpose, purpose_note=need.purpose_note, repayment_method=need.repayment_method,
                district=need.district, submitted_at=now, changed_at=now,
            )  # fmt: skip
    except IntegrityError as error:  # the need's lock should have kept this from happening
        raise Conflict from error
