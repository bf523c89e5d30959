"""What the firm does with its applications. Clause B1: applying once to several institutions."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import BigIntegerField

from finmart.centres.business.applications import events, policies, rules
from finmart.centres.business.applications.models import Application, Need
from finmart.centres.business.applications.operations.moves import begin, locked_need, move, require
from finmart.centres.business.applications.types import (
    ApplicationRef,
    ApplicationsAct,
    ApplicationState,
    Move,
    NeedState,
    OfferState,
)
from finmart.centres.business.cases import operations as cases_operations
from finmart.centres.business.cases.types import CaseKind, CaseParty, CaseRef, PartyRole, TimelineKind
from finmart.centres.business.catalogue import queries as catalogue_queries
from finmart.centres.business.catalogue.types import OpenVersion, UnableToApply
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, Conflict
from finmart.kit.events import publish
from finmart.kit.money import format_yuan
from finmart.kit.statements import Given, Statement, insert

MOST_AT_ONCE = 10  # a default of ours
_EARLIER = Statement(lambda: Application.objects.filter(need=Given("need", BigIntegerField())))


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
    versions = [catalogue_queries.require_open(version_id) for version_id in version_ids]
    _require_new(need, versions)
    return [_submit(actor, need, version) for version in versions]


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


def _require_new(need: Need, versions: Sequence[OpenVersion]) -> None:
    """Refuse a need that is served, and a product asked already; the need's lock keeps both answers true."""
    earlier = _EARLIER.all(need=need.pk)
    if any(one.state in rules.TAKEN for one in earlier):
        raise UnableToApply("该需求已接受一家机构的报价", remedy="如需更多资金，请另提需求")
    asked = {one.product_id for one in earlier if one.state not in rules.MAY_APPLY_AGAIN and not one.reopened_at}
    for version in versions:
        if version.product_id in asked:
            raise Conflict(
                f"已申请过“{version.name}”，请勿重复提交", field="products", remedy="请在“我的申请”中查看进度"
            )
        asked.add(version.product_id)


def _submit(actor: Actor, need: Need, version: OpenVersion) -> ApplicationRef:
    case = _open_case(actor, need, version)
    application = _made(need, version, case)
    text = f"提交申请：{version.name}，{format_yuan(application.amount_fen)} 元，{application.term_months} 个月"
    cases_operations.note(actor, case.uuid, TimelineKind.STATE, text)
    audit_operations.record(
        actor, ApplicationsAct.APPLICATION_SUBMIT, f"application:{application.uuid}", case=case.number,
        need=need.number, version=version.version_id, amount_fen=application.amount_fen,
    )  # fmt: skip
    made = ApplicationRef(
        uuid=application.uuid, case_uuid=case.uuid, number=case.number, organisation_id=need.organisation_id,
        institution_id=version.institution_id, version_id=version.version_id, state=ApplicationState.SUBMITTED,
        amount_fen=application.amount_fen, term_months=application.term_months, collateral=version.collateral,
        joint_liability=version.joint_liability,
    )  # fmt: skip
    publish(
        events.ApplicationSubmitted(
            application_uuid=made.uuid, case_uuid=made.case_uuid, number=made.number,
            organisation_id=made.organisation_id, institution_id=made.institution_id, version_id=made.version_id,
            amount_fen=made.amount_fen,
        )
    )  # fmt: skip
    return made


def _open_case(actor: Actor, need: Need, version: OpenVersion) -> CaseRef:
    return cases_operations.open(
        actor,
        kind=CaseKind.BANK_LOAN,
        title=f"{actor.organisation_name}申请{version.name}"[:200],
        parties=[
            CaseParty(PartyRole.BORROWER, organisation_id=need.organisation_id),
            CaseParty(PartyRole.LENDER, organisation_id=version.institution_id),
        ],
    )


def _made(need: Need, version: OpenVersion, case: CaseRef) -> Application:
    now = clock.now()
    application = Application(
        need=need, case_id=case.id, organisation_id=need.organisation_id,
        institution_id=version.institution_id, product_id=version.product_id, version_id=version.version_id,
        product_name=version.name, amount_fen=need.amount_fen or 0, term_months=need.term_months or 0,
        purpose=need.purpose, purpose_note=need.purpose_note, repayment_method=need.repayment_method,
        district=need.district, submitted_at=now, changed_at=now,
    )  # fmt: skip
    insert([application])
    return application
