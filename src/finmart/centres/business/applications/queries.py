"""Needs, applications and offers, each as the actor may see them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, UUIDField

from finmart.centres.business.applications import policies, rules
from finmart.centres.business.applications.models import Application, Need, Offer, Review
from finmart.centres.business.applications.types import (
    ENDED_STATES,
    ApplicationPath,
    ApplicationsAct,
    ApplicationState,
    ApplicationView,
    Counts,
    Move,
    NeedState,
    NeedTerms,
    NeedView,
    OfferBounds,
    OfferFee,
    OfferState,
    OfferTerms,
    OfferView,
    RefusalReason,
    ReviewFigures,
    ReviewOutcome,
    ReviewView,
    ScoreSeen,
)
from finmart.centres.business.catalogue import queries as catalogue_queries
from finmart.centres.business.catalogue.types import LoanPurpose
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.centres.technical.parties import queries as parties_queries
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound
from finmart.kit.finance import RepaymentMethod
from finmart.kit.statements import Given, Statement

MOST_ROWS = 200
REVIEW_REQUEST_DAYS = "applications.review.request_days"  # a setting of the city's pack
_ON_APPLICATION = {
    Move.ACCEPT: ApplicationsAct.APPLICATION_ACCEPT,
    Move.RETURN: ApplicationsAct.APPLICATION_RETURN,
    Move.RESUBMIT: ApplicationsAct.APPLICATION_RESUBMIT,
    Move.START_REVIEW: ApplicationsAct.APPLICATION_START_REVIEW,
    Move.MAKE_OFFER: ApplicationsAct.OFFER_MAKE,
    Move.REFUSE: ApplicationsAct.APPLICATION_REFUSE,
    Move.WITHDRAW: ApplicationsAct.APPLICATION_WITHDRAW,
    Move.CLOSE: ApplicationsAct.APPLICATION_CLOSE,
}
_APPLICATION = Statement(lambda: Application.objects.filter(uuid=Given("uuid", UUIDField())))
_OFFER = Statement(
    lambda: Offer.objects.select_related("application__case", "application__institution").filter(
        uuid=Given("uuid", UUIDField())
    )
)
_ON_OFFER = {Move.ACCEPT_OFFER: ApplicationsAct.OFFER_ACCEPT, Move.DECLINE: ApplicationsAct.OFFER_DECLINE}


def needs_for(actor: Actor, *, states: Iterable[NeedState] = (), limit: int = MOST_ROWS) -> list[NeedView]:
    """Return the needs of the actor's own firm, newest first; nobody else's."""
    found = _needs(actor)
    wanted = [str(state) for state in states]
    return [_need_view(actor, need) for need in (found.filter(state__in=wanted) if wanted else found)[:limit]]


def need_for(actor: Actor, need_uuid: UUID) -> NeedView:
    """Return a need of the actor's own firm. Raises NotFound for everybody else."""
    need = _needs(actor).filter(uuid=need_uuid).first()
    if need is None:
        raise NotFound("没有找到该融资需求")
    return _need_view(actor, need)


def applications_for(
    actor: Actor,
    *,
    states: Iterable[ApplicationState] = (),
    need_uuid: UUID | None = None,
    page: int = 1,
    size: int = MOST_ROWS,
) -> list[ApplicationView]:
    """Return the applications of the actor's firm, or those to its institution, newest first; pages from 1."""
    found = _narrowed(actor, states, need_uuid).order_by("-pk")
    return _views(actor, found[(page - 1) * size : page * size])


def count_applications_for(
    actor: Actor, *, states: Iterable[ApplicationState] = (), need_uuid: UUID | None = None
) -> int:
    """Return how many applications :func:`applications_for` would list."""
    return _narrowed(actor, states, need_uuid).count()


def application_for(actor: Actor, application_uuid: UUID) -> ApplicationView:
    """Return one application. Raises NotFound for all but its firm and its institution."""
    return _one(actor, Q(uuid=application_uuid))


def state_for(actor: Actor, application_uuid: UUID) -> ApplicationState:
    """Return where an application stands. Raises NotFound as :func:`application_for`."""
    application = _APPLICATION.first(uuid=application_uuid)
    if application is None or not policies.can_know(actor, application):
        raise NotFound("没有找到该申请")
    return ApplicationState(application.state)


def application_of_case_for(actor: Actor, case_uuid: UUID) -> ApplicationView | None:
    """Return the application a case was opened for, None where there is none the actor may see."""
    found = _views(actor, policies.visible_applications(actor).filter(case__uuid=case_uuid))
    return found[0] if found else None


def offer_bounds_for(actor: Actor, case_uuid: UUID) -> OfferBounds | None:
    """Return what an offer on the application of a case keeps to, None where there is none the actor may see."""
    row = policies.visible_applications(actor).filter(case__uuid=case_uuid).values_list("amount_fen", "version_id")
    found = row.first()
    return OfferBounds(found[0], catalogue_queries.terms(found[1])) if found else None


def check_offer(bounds: OfferBounds, terms: OfferTerms) -> None:
    """Refuse with UnableToOffer, naming the field, what an offer may not say; making one checks the same."""
    rules.check_offer(terms, bounds.asked_fen, bounds.product)


def open_numbers_between(actor: Actor, *, organisation_id: int, institution_id: int) -> list[str]:
    """Return the case numbers of a firm's applications to an institution that have not ended, oldest first."""
    found = policies.visible_applications(actor).filter(organisation_id=organisation_id, institution_id=institution_id)
    ended = [str(state) for state in ENDED_STATES]
    return list(found.exclude(state__in=ended).order_by("pk").values_list("case__number", flat=True))


def amounts_of_cases_for(actor: Actor, case_uuids: Iterable[UUID]) -> dict[UUID, tuple[int, ApplicationState]]:
    """Return case uuid → (amount asked for in fen, state) for those the actor may see; for lists."""
    found = policies.visible_applications(actor).filter(case__uuid__in=list(case_uuids))
    rows = found.values_list("case__uuid", "amount_fen", "state")
    return {case_uuid: (amount_fen, ApplicationState(state)) for case_uuid, amount_fen, state in rows}


def offers_for(actor: Actor, need_uuid: UUID) -> list[OfferView]:
    """Return the offers on a need of the actor's firm side by side: the open and accepted ones, cheapest first.

    Raises NotFound for everybody else: competing institutions do not see each other's.
    """
    need_for(actor, need_uuid)
    found = policies.visible_offers(actor).filter(
        need__uuid=need_uuid, state__in=[OfferState.OPEN, OfferState.ACCEPTED]
    )
    return _offer_views(actor, found.order_by("all_in_annual_rate", "pk"))


def offer_for(actor: Actor, offer_uuid: UUID) -> OfferView:
    """Return one offer, whatever its state. Raises NotFound."""
    offer = _offer(actor, offer_uuid)
    return _offer_view(actor, offer, offer.application, offer.application.institution.name)


def offer_state_for(actor: Actor, offer_uuid: UUID) -> OfferState:
    """Return where an offer stands. Raises NotFound."""
    return OfferState(_offer(actor, offer_uuid).state)


def review_for(actor: Actor, application: ApplicationView) -> ReviewView | None:
    """Return how far the human review of a refused application is, None for one that is not refused (clause D4)."""
    if application.state is not ApplicationState.REFUSED:
        return None
    row = Review.objects.select_related("decided_by").filter(application__uuid=application.uuid).first()
    until = application.changed_at + timedelta(days=parameters_queries.value(REVIEW_REQUEST_DAYS))
    is_own = policies.acts_for_firm(actor, application.firm.id)
    if row is None:
        return ReviewView(until, may_request=is_own and clock.now() <= until, may_apply_again=False)
    inside = actor.organisation_id == application.institution.id or bool(actor.system)
    return ReviewView(
        until=until,
        may_request=False,
        may_apply_again=is_own and application.is_reopened,
        grounds=row.grounds,
        requested_at=row.requested_at,
        outcome=ReviewOutcome(row.outcome) if row.outcome else None,
        reason=row.reason,
        decided_by=row.decided_by.full_name if row.decided_by and inside else "",
        decided_at=row.decided_at,
    )


def review_figures(actor: Actor) -> ReviewFigures:
    """Return how many refusals were looked at again. For the operator; raises AccessDenied for everybody else."""
    if not policies.can_count(actor):
        raise AccessDenied("平台汇总数据只对运营人员开放")
    found = dict(Review.objects.values_list("outcome").annotate(number=Count("pk")))
    reopened, upheld = (found.get(str(one), 0) for one in (ReviewOutcome.REOPENED, ReviewOutcome.UPHELD))
    return ReviewFigures(sum(found.values()), reopened, upheld)


def counts_for(actor: Actor) -> Counts:
    """Return the platform's figures for the operator. Raises AccessDenied for everybody else."""
    if not policies.can_count(actor):
        raise AccessDenied("平台汇总数据只对运营人员开放")
    states = Application.objects.values_list("state").annotate(number=Count("pk"))
    refused = Application.objects.exclude(refusal_reason="").values_list("refusal_reason")
    return Counts(dict(states), dict(refused.annotate(number=Count("pk"))))


def paths_for(actor: Actor, *, since: datetime) -> list[ApplicationPath]:
    """Return what became of each application since a moment, oldest first; for the operator's figures.

    Raises AccessDenied for everybody else.
    """
    if not policies.can_count(actor):
        raise AccessDenied("平台汇总数据只对运营人员开放")
    rows = Application.objects.filter(submitted_at__gte=since).order_by("pk")
    offered = rows.annotate(was_offered=Exists(Offer.objects.filter(application=OuterRef("pk"))))
    return [
        ApplicationPath(firm, bank, product, at, was_offered, state in rules.SIGNED, state == ApplicationState.REFUSED)
        for firm, bank, product, at, was_offered, state in offered.values_list(
            "organisation_id", "institution_id", "product_id", "submitted_at", "was_offered", "state"
        )
    ]


def open_by_institution(actor: Actor) -> dict[int, int]:
    """Return institution → how many applications wait for its word, where any; for matching and the operator.

    Raises AccessDenied for everybody else.
    """
    if not policies.can_count(actor):
        raise AccessDenied("平台汇总数据只对运营人员开放")
    waiting = Application.objects.filter(state__in=[str(state) for state in rules.WITH_INSTITUTION])
    return dict(waiting.values_list("institution_id").annotate(number=Count("pk")))


def _needs(actor: Actor) -> QuerySet[Need]:
    counted = policies.visible_needs(actor).select_related("stated_by").order_by("-pk")
    return counted.annotate(
        application_count=Count("applications", distinct=True),
        running_count=Count(
            "applications", filter=~Q(applications__state__in=[str(s) for s in rules.ENDED]), distinct=True
        ),
        taken_count=Count("offers", filter=Q(offers__state=OfferState.ACCEPTED), distinct=True),
        open_count=Count("offers", filter=Q(offers__state=OfferState.OPEN), distinct=True),
    )


def _need_view(actor: Actor, need: Any) -> NeedView:
    return NeedView(
        uuid=need.uuid,
        number=need.number,
        organisation_id=need.organisation_id,
        state=NeedState(need.state),
        amount_fen=need.amount_fen,
        term_months=need.term_months,
        purpose=need.purpose,
        purpose_note=need.purpose_note,
        repayment_method=need.repayment_method,
        district=need.district,
        stated_by=need.stated_by.full_name if need.stated_by else "",
        stated_at=need.stated_at,
        applications=need.application_count,
        open_offers=need.open_count,
        acts=frozenset(_acts_on_need(actor, need)),
    )


def _acts_on_need(actor: Actor, need: Any) -> Iterable[ApplicationsAct]:
    if not policies.acts_for_firm(actor, need.organisation_id):
        return
    if need.state == NeedState.DRAFT:
        yield from (ApplicationsAct.NEED_DRAFT, ApplicationsAct.NEED_STATE, ApplicationsAct.NEED_WITHDRAW)
    if need.state == NeedState.STATED and not need.taken_count:
        yield from (ApplicationsAct.APPLICATION_SUBMIT, ApplicationsAct.NEED_WITHDRAW)
        if not need.running_count:
            yield ApplicationsAct.NEED_REVISE


def _narrowed(actor: Actor, states: Iterable[ApplicationState], need_uuid: UUID | None) -> QuerySet[Application]:
    found = policies.visible_applications(actor)
    wanted = [str(state) for state in states]
    if wanted:
        found = found.filter(state__in=wanted)
    if need_uuid is not None:
        found = found.filter(need__uuid=need_uuid, need__in=policies.visible_needs(actor))
    return found


def _one(actor: Actor, which: Q) -> ApplicationView:
    found = _views(actor, policies.visible_applications(actor).filter(which))
    if not found:
        raise NotFound("没有找到该申请")
    return found[0]


def _views(actor: Actor, rows: QuerySet[Application]) -> list[ApplicationView]:
    listed = list(rows.select_related("case", "need", "organisation", "institution"))
    offers: dict[int, list[OfferView]] = {row.pk: [] for row in listed}
    rows_of_offers = list(Offer.objects.filter(application__in=[row.pk for row in listed]).order_by("pk"))
    by_key = {row.pk: row for row in listed}
    for offer in rows_of_offers:
        application = by_key[offer.application_id]
        offers[application.pk].append(_offer_view(actor, offer, application, application.institution.name))
    return [
        ApplicationView(
            uuid=row.uuid,
            case_uuid=row.case.uuid,
            number=row.case.number,
            need_uuid=row.need.uuid if actor.organisation_id == row.organisation_id or actor.system else None,
            state=ApplicationState(row.state),
            firm=parties_queries.organisation_ref(row.organisation),
            institution=parties_queries.organisation_ref(row.institution),
            product_id=row.product_id,
            version_id=row.version_id,
            product_name=row.product_name,
            asked=_asked(row),
            submitted_at=row.submitted_at,
            changed_at=row.changed_at,
            refusal_reason=RefusalReason(row.refusal_reason) if row.refusal_reason else None,
            reason=row.reason,
            offers=tuple(offers[row.pk]),
            acts=_acts(actor, row, _ON_APPLICATION),
            score_seen=_score_seen(row),
            is_reopened=row.reopened_at is not None,
        )
        for row in listed
    ]


def _score_seen(row: Application) -> ScoreSeen | None:
    seen = row.score_seen
    if not seen:
        return None
    return ScoreSeen(seen["points"], seen["model"], seen["number"], tuple(seen["codes"]), tuple(seen["reasons"]))


def _offer(actor: Actor, offer_uuid: UUID) -> Offer:
    offer = _OFFER.first(uuid=offer_uuid)
    if offer is None or not policies.can_know(actor, offer.application):
        raise NotFound("没有找到该报价")
    return offer


def _asked(row: Application) -> NeedTerms:
    return NeedTerms(
        amount_fen=row.amount_fen,
        term_months=row.term_months,
        purpose=LoanPurpose(row.purpose),
        purpose_note=row.purpose_note,
        repayment_method=RepaymentMethod(row.repayment_method) if row.repayment_method else None,
        district=row.district,
    )


def _acts(actor: Actor, row: Application, moves: dict[Move, ApplicationsAct]) -> frozenset[ApplicationsAct]:
    return frozenset(
        act
        for move, act in moves.items()
        if rules.may(row.state, move) and policies.can_move(actor, move, row.organisation_id, row.institution_id)
    )


def _offer_views(actor: Actor, rows: QuerySet[Offer]) -> list[OfferView]:
    return [
        _offer_view(actor, offer, offer.application, offer.application.institution.name)
        for offer in rows.select_related("application__case", "application__institution")
    ]


def _offer_view(actor: Actor, offer: Offer, application: Application, institution_name: str) -> OfferView:
    answerable = offer.state == OfferState.OPEN and offer.valid_until > clock.now()
    return OfferView(
        uuid=offer.uuid,
        application_uuid=application.uuid,
        number=application.case.number,
        institution_id=application.institution_id,
        institution_name=institution_name,
        product_name=application.product_name,
        state=OfferState(offer.state),
        amount_fen=offer.amount_fen,
        term_months=offer.term_months,
        purpose=LoanPurpose(application.purpose),
        annual_rate=Decimal(offer.annual_rate),
        all_in_annual_rate=Decimal(offer.all_in_annual_rate),
        cost_fen=offer.cost_fen,
        repayment_method=RepaymentMethod(offer.repayment_method),
        fees=tuple(OfferFee(**fee) for fee in offer.fees),
        conditions=tuple(offer.conditions),
        collateral=offer.collateral,
        joint_liability=offer.joint_liability,
        made_at=offer.made_at,
        valid_until=offer.valid_until,
        acts=_acts(actor, application, _ON_OFFER) if answerable else frozenset(),
    )
