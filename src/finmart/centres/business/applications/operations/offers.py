"""Offers: made, accepted one per need, declined, expired. Clauses B1, P3."""

from dataclasses import asdict
from uuid import UUID

from django.db.models import BigIntegerField, UUIDField

from finmart.centres.business.applications import policies, rules
from finmart.centres.business.applications.models import Application, Need, Offer
from finmart.centres.business.applications.operations.applying import withdraw_locked
from finmart.centres.business.applications.operations.moves import begin, found, move, require
from finmart.centres.business.applications.types import (
    ApplicationState,
    Move,
    OfferRef,
    OfferState,
    OfferTerms,
    UnableToOffer,
)
from finmart.centres.business.catalogue import queries as catalogue_queries
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, Conflict, NotFound
from finmart.kit.money import format_yuan
from finmart.kit.statements import Change, Given, Statement, insert

ANOTHER_CHOSEN = "企业已选择其他方案"
_OFFER = Statement(lambda: Offer.objects.select_related("application").filter(uuid=Given("uuid", UUIDField())))
_ANSWERED = Change(Offer, "state", "answered_at")
_NEED = Statement(lambda: Need.objects.select_for_update().filter(pk=Given("pk", BigIntegerField())))
_RUNNING = Statement(
    lambda: (
        Application.objects.filter(need=Given("need", BigIntegerField()))
        .exclude(state__in=[str(state) for state in rules.ENDED])
        .select_for_update(of=("self",))
        .select_related("case")
        .order_by("pk")
    )
)


def make_offer(actor: Actor, application_uuid: UUID, terms: OfferTerms) -> OfferRef:
    """Offer terms on an application under review; an open offer is superseded.

    Raises UnableToOffer where the terms leave what the product version publishes or what was asked for.
    """
    transactions.require()
    application = begin(actor, application_uuid, Move.MAKE_OFFER)
    product = catalogue_queries.terms(application.version_id)
    rules.check_offer(terms, application.amount_fen, product)
    now = clock.now()
    if terms.valid_until <= now:
        raise UnableToOffer("报价有效期必须晚于现在", field="valid_until")
    fees = rules.checked_fees(terms.fees, rules.published_fees(product.fees, terms.amount_fen))
    cost = rules.cost_of(terms, fees, clock.today())
    if application.state == ApplicationState.OFFERED:
        application.offers.filter(state=OfferState.OPEN).update(state=OfferState.SUPERSEDED, answered_at=now)
    offer = Offer(
        application=application, need_id=application.need_id,
        amount_fen=terms.amount_fen, term_months=terms.term_months,
        annual_rate=terms.annual_rate, all_in_annual_rate=cost.all_in_annual_rate, cost_fen=cost.cost_fen,
        repayment_method=terms.repayment_method, fees=[asdict(fee) for fee in fees],
        conditions=[rules.clean_text(one, field="conditions", required=True) for one in terms.conditions],
        collateral=rules.clean_text(terms.collateral, field="collateral"), joint_liability=terms.joint_liability,
        made_by_id=actor.person_id, made_at=now, valid_until=terms.valid_until,
    )  # fmt: skip
    insert([offer])
    text = f"报价：{format_yuan(terms.amount_fen)} 元，{terms.term_months} 个月，年利率 {terms.annual_rate * 100:.2f}%"
    rate = cost.all_in_annual_rate
    move(
        actor, application, Move.MAKE_OFFER, text, offer=str(offer.uuid), amount_fen=terms.amount_fen,
        annual_rate=str(terms.annual_rate), all_in_annual_rate=str(rate),
        tells={"amount_fen": terms.amount_fen, "all_in_annual_rate": rate, "valid_until": terms.valid_until},
    )  # fmt: skip
    return OfferRef(offer.uuid, application.uuid, rate)


def accept_offer(actor: Actor, offer_uuid: UUID) -> None:
    """Accept one offer of a need; the others are declined and unanswered applications withdrawn, with the reason.

    At most one is accepted per need, whoever is faster: the other gets Conflict, as does an answer that is too late.
    """
    transactions.require()
    application = _application_of(actor, offer_uuid)
    if not policies.can_move(actor, Move.ACCEPT_OFFER, application.organisation_id, application.institution_id):
        raise AccessDenied("只有企业经办人或法定代表人可以接受报价")
    running = _locked_rivals(application)
    chosen = running.pop(application.pk, application)
    require(actor, chosen, Move.ACCEPT_OFFER)
    offer = _open(offer_uuid)
    offer.state, offer.answered_at = OfferState.ACCEPTED, clock.now()
    _ANSWERED.write(offer)
    move(actor, chosen, Move.ACCEPT_OFFER, "企业已接受报价", offer=str(offer.uuid))
    for other in running.values():
        if other.state == ApplicationState.OFFERED:
            _decline(actor, other, ANOTHER_CHOSEN)
        else:
            withdraw_locked(actor, other, ANOTHER_CHOSEN)


def decline_offer(actor: Actor, offer_uuid: UUID, *, reason: str) -> None:
    """Say no to an open offer; the application ends. Raises Conflict where it is not open any more."""
    transactions.require()
    text = rules.clean_text(reason, field="reason", required=True)
    application = begin(actor, _application_of(actor, offer_uuid).uuid, Move.DECLINE)
    _open(offer_uuid)
    _decline(actor, application, text)


def expire_offers(actor: Actor) -> int:
    """Let every offer whose time is over expire and return how many; their applications are in review again."""
    transactions.require()
    if not actor.system:
        raise AccessDenied("报价到期由平台自动处理")
    now = clock.now()
    due = Offer.objects.filter(state=OfferState.OPEN, valid_until__lte=now).order_by("application_id")
    expired = 0
    for application_uuid in list(due.values_list("application__uuid", flat=True)):
        application = found(actor, application_uuid)
        offers = application.offers.filter(state=OfferState.OPEN, valid_until__lte=now)
        if offers.update(state=OfferState.EXPIRED, answered_at=now):
            move(actor, application, Move.LAPSE, "报价已过有效期，企业未答复")
            expired += 1
    return expired


def _locked_rivals(application: Application) -> dict[int, Application]:
    _NEED.first(pk=application.need_id)
    return {one.pk: one for one in _RUNNING.all(need=application.need_id)}


def _application_of(actor: Actor, offer_uuid: UUID) -> Application:
    offer = _OFFER.first(uuid=offer_uuid)
    if offer is None or not policies.can_know(actor, offer.application):
        raise NotFound("没有找到该报价")
    return offer.application


def _open(offer_uuid: UUID) -> Offer:
    """Return an offer whose application is locked. Raises Conflict where it was answered, replaced or is too old."""
    offer = _OFFER.first(uuid=offer_uuid)
    if offer is None:
        raise NotFound("没有找到该报价")
    if offer.state != OfferState.OPEN:
        raise Conflict(f"该报价{OfferState(offer.state).label}", remedy="请刷新页面查看最新报价")
    if offer.valid_until <= clock.now():
        raise Conflict("该报价已过有效期", remedy="请联系机构重新报价")
    return offer


def _decline(actor: Actor, application: Application, text: str) -> None:
    require(actor, application, Move.DECLINE)
    application.offers.filter(state=OfferState.OPEN).update(state=OfferState.DECLINED, answered_at=clock.now())
    move(actor, application, Move.DECLINE, f"企业未接受报价：{text}", reason=text)
