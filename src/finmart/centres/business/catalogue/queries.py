"""What is on offer, and every version that ever was."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TypeAlias
from uuid import UUID

from django.db.models import BigIntegerField, Count, Min, Q, QuerySet, prefetch_related_objects

from finmart.centres.business.catalogue import policies, rules
from finmart.centres.business.catalogue.models import Criterion as CriterionRow
from finmart.centres.business.catalogue.models import Fee, ProductVersion
from finmart.centres.business.catalogue.types import (
    CatalogueAct,
    CollateralKind,
    CostExample,
    CriterionField,
    CriterionTerms,
    CriterionView,
    FeeBasis,
    FeeTerms,
    LoanPurpose,
    OpenFigures,
    OpenVersion,
    ProductFilter,
    ProductKind,
    ProductPage,
    ProductSort,
    ProductTerms,
    ProductView,
    UnableToApply,
    UnableToCompare,
    VersionState,
)
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import OrganisationRef
from finmart.kit import clock, sql
from finmart.kit.actor import Actor
from finmart.kit.criteria import Criterion, Field, read_criterion
from finmart.kit.errors import NotFound
from finmart.kit.finance import RepaymentMethod
from finmart.kit.statements import Given, Statement

MOST_COMPARED = "matching.compared.maximum"
PER_PAGE = 20
_VERSION = Statement(lambda: ProductVersion.objects.filter(pk=Given("pk", BigIntegerField())))
_FEES = Statement(lambda: Fee.objects.filter(version=Given("version", BigIntegerField())))
_KEPT_OPEN = """
SELECT v.id, v.number, v.product_id, p.institution_id, v.name, v.collateral, v.joint_liability,
       v.state, v.valid_from, v.valid_to
FROM catalogue_productversion v JOIN catalogue_product p ON p.id = v.product_id
WHERE v.id = %s FOR SHARE OF v
"""
_ORDERS = {
    ProductSort.LIMIT: "-limit_max_fen",
    ProductSort.NEWEST: "-published_at",
    ProductSort.RATE: "rate_min",
    ProductSort.SPEED: "promised_days",
}
_UNCHANGING = frozenset({VersionState.PUBLISHED, VersionState.DELISTED})
MOST_KEPT = 12_000
_Read: TypeAlias = tuple[ProductTerms, tuple[CriterionView, ...]]
_Key: TypeAlias = tuple[UUID, date, date | None, tuple[tuple[str, str], ...]]
_READ: dict[_Key, _Read] = {}
_WORKED_ON = (VersionState.DRAFT, VersionState.SUBMITTED)


def register() -> dict[str, CriterionField]:
    """Return the facts that criteria may ask for, by code, with Chinese label, unit and choices (one query)."""
    return rules.with_districts((one.code, one.name) for one in parameters_queries.districts())


def fields() -> dict[str, Field]:
    """Return the same facts as typed fields, to compile stored criteria with."""
    return rules.FIELDS


def read_criteria(criteria: Iterable[CriterionTerms], known: Mapping[str, CriterionField]) -> list[Criterion]:
    """Return criteria typed as a product's would be, by the :func:`register`.

    Raises UnableToReadCriterion and UnableToList as drafting does.
    """
    return rules.read_criteria(criteria, rules.typed(known))


def open_products(
    filters: ProductFilter | None = None,
    *,
    sort: ProductSort = ProductSort.RATE,
    page: int = 1,
    per_page: int = PER_PAGE,
    on: date | None = None,
) -> ProductPage:
    """Return one page of what anybody may apply for on a day (today). A page beyond the end is the last one."""
    found = _matching(_open_on(on or clock.today()), filters or ProductFilter())
    total = found.count()
    pages = max(1, -(-total // per_page))
    chosen = min(max(page, 1), pages)
    start = (chosen - 1) * per_page
    rows = found.order_by(_ORDERS[sort], "product_id")[start : start + per_page]
    return ProductPage(tuple(_views(rows, Actor.visitor())), total, chosen, pages)


def open_versions(on: date | None = None) -> list[ProductView]:
    """Return every version open on a day (today), older products first: what matching looks at."""
    return _views(_open_on(on or clock.today()).order_by("product_id"), Actor.visitor())


def versions(ids: Iterable[int]) -> list[ProductView]:
    """Return versions in the order of ``ids``, whatever their state. Raises NotFound where one is missing."""
    wanted = list(ids)
    found = {view.version_id: view for view in _views(_rows().filter(pk__in=wanted), Actor.visitor())}
    if len(found) < len(set(wanted)):
        raise NotFound("没有找到该产品版本")
    return [found[key] for key in wanted]


def version(version_id: int) -> ProductView:
    """Return one version as it was published, also after delisting: a running case keeps it. Raises NotFound."""
    return versions([version_id])[0]


def terms(version_id: int) -> ProductTerms:
    """Return what a version promises and charges, whatever its state, without what it asks (its criteria).

    Raises NotFound.
    """
    row = _VERSION.first(pk=version_id)
    if row is None:
        raise NotFound("没有找到该产品版本")
    return _terms(row, _FEES.all(version=version_id))


def product_for(actor: Actor, uuid: UUID) -> ProductView:
    """Return the version of a product the actor should look at: the open one, else the newest it may know of.

    Raises NotFound where the product was never published and belongs to another institution.
    """
    every = versions_for(actor, uuid)
    return next((view for view in every if view.is_open), every[0])


def versions_for(actor: Actor, uuid: UUID) -> list[ProductView]:
    """Return a product's versions, newest first, without those the actor may not know of. Raises NotFound."""
    every = _views(_rows().filter(product__uuid=uuid).order_by("-number"), actor)
    seen = [view for view in every if _is_visible(actor, view)]
    if not seen:
        raise NotFound("没有找到该产品", remedy="请从产品超市中选择")
    return seen


def products_for(actor: Actor, *, states: Iterable[VersionState] = ()) -> list[ProductView]:
    """Return the versions an institution works on (its own) or the operator reviews (all), newest first."""
    found = _rows()
    if not policies.can_review(actor):
        found = found.filter(product__institution_id=actor.organisation_id) if actor.organisation_id else found.none()
    wanted = list(states)
    return _views((found.filter(state__in=wanted) if wanted else found).order_by("-pk"), actor)


def compare(uuids: list[UUID], on: date | None = None) -> list[ProductView]:
    """Return the open versions of a few products (four unless the operator says else), in the order asked.

    Raises UnableToCompare for none, too many or one twice, NotFound where one is not open.
    """
    most = parameters_queries.integer(MOST_COMPARED)
    if not 1 <= len(set(uuids)) == len(uuids) <= most:
        raise UnableToCompare(f"一次最多比较 {most} 个不同的产品", remedy="请减少所选产品")
    rows = _open_on(on or clock.today()).filter(product__uuid__in=uuids)
    found = {view.product_uuid: view for view in _views(rows, Actor.visitor())}
    if len(found) < len(uuids):
        raise NotFound("所选产品中有已下架的产品", remedy="请重新选择")
    return [found[uuid] for uuid in uuids]


def require_open(version_id: int) -> OpenVersion:
    """Return the version if a firm may apply for it now; inside a transaction it stays open until its end.

    Raises UnableToApply where it was delisted or replaced since the firm saw it, NotFound where it never was.
    """
    kept = sql.rows(_KEPT_OPEN, [version_id])
    if not kept:
        raise NotFound("没有找到该产品版本")
    pk, number, product_id, institution_id, name, collateral, joint_liability, state, valid_from, valid_to = kept[0]
    found = OpenVersion(pk, number, product_id, institution_id, name, CollateralKind(collateral), joint_liability)
    today = clock.today()
    if rules.is_open(state, valid_from, valid_to, today):
        return found
    if state == VersionState.PUBLISHED and valid_from <= today:
        raise UnableToApply(f"产品“{found.name}”的该版本已停止受理", remedy="请重新匹配，按现行版本申请")
    raise UnableToApply(f"产品“{found.name}”未在架", remedy="请重新匹配，选择其他产品")


def open_institutions(on: date | None = None) -> list[OrganisationRef]:
    """Return the institutions that have something open on a day (today), by name."""
    ids = _open_on(on or clock.today()).values_list("product__institution_id", flat=True).distinct()
    return sorted(parties_queries.organisations(ids), key=lambda one: one.name)


def open_figures(on: date | None = None) -> OpenFigures:
    """Return the counts of what is open on a day (today), each by one look at the rows themselves."""
    counted = _open_on(on or clock.today()).aggregate(
        institutions=Count("product__institution_id", distinct=True),
        products=Count("product_id", distinct=True),
        rate_from=Min("rate_min"),
    )
    return OpenFigures(**counted)


def cost_example(terms: ProductTerms, *, amount_fen: int | None = None, months: int | None = None) -> CostExample:
    """Return what a loan costs at most, at the amount and term asked or the nearest the product offers."""
    return rules.cost_example(terms, amount_fen=amount_fen, months=months, on=clock.today())


def _rows() -> QuerySet[ProductVersion]:
    return ProductVersion.objects.select_related("product")


def _open_on(on: date) -> QuerySet[ProductVersion]:
    return _rows().filter(Q(valid_to=None) | Q(valid_to__gt=on), state=VersionState.PUBLISHED, valid_from__lte=on)


def _matching(found: QuerySet[ProductVersion], filters: ProductFilter) -> QuerySet[ProductVersion]:
    if filters.district:
        found = found.filter(Q(regions=[]) | Q(regions__contains=[filters.district]))
    if filters.amount_fen is not None:
        found = found.filter(limit_min_fen__lte=filters.amount_fen, limit_max_fen__gte=filters.amount_fen)
    if filters.term_months is not None:
        found = found.filter(months_min__lte=filters.term_months, months_max__gte=filters.term_months)
    if filters.kind is not None:
        found = found.filter(product__kind=filters.kind)
    if filters.institution_uuid is not None:
        found = found.filter(product__institution__uuid=filters.institution_uuid)
    if filters.collateral is not None:
        found = found.filter(collateral=filters.collateral)
    if filters.method is not None:
        found = found.filter(methods__contains=[filters.method])
    text = filters.text.replace("\x00", "").strip()
    if text:
        found = found.filter(
            Q(name__icontains=text) | Q(summary__icontains=text) | Q(product__institution__name__icontains=text)
        )
    return found


def _is_visible(actor: Actor, view: ProductView) -> bool:
    published = view.state in {VersionState.PUBLISHED, VersionState.DELISTED}
    return published or policies.can_see_unpublished(actor, view.institution.id)


def _views(rows: Iterable[ProductVersion], actor: Actor) -> list[ProductView]:
    listed = list(rows)
    institutions = {row.product.institution_id for row in listed}
    named = {one.id: one for one in parties_queries.organisations(sorted(institutions))}
    today = clock.today()
    return [
        ProductView(
            product_id=row.product_id,
            product_uuid=row.product.uuid,
            version_id=row.pk,
            version_uuid=row.uuid,
            version_number=row.number,
            kind=ProductKind(row.product.kind),
            state=VersionState(row.state),
            institution=named[row.product.institution_id],
            terms=terms,
            criteria=criteria,
            is_open=rules.is_open(row.state, row.valid_from, row.valid_to, today),
            is_example=row.product.is_example,
            submitted_at=row.submitted_at,
            published_at=row.published_at,
            delisted_at=row.delisted_at,
            reason=row.reason,
            acts=frozenset(_acts(row, actor)),
        )
        for row, (terms, criteria) in zip(listed, _read(listed), strict=True)
    ]


def _read(rows: list[ProductVersion]) -> list[_Read]:
    """Return what each version says, read and typed once in a process for those that can no longer change.

    A published version keeps its terms for ever but for its days; a district may be renamed. Both are in the key.
    """
    known = register()
    keys: list[_Key] = [(row.uuid, row.valid_from, row.valid_to, known["district"].choices) for row in rows]
    missing = [row for row, key in zip(rows, keys, strict=True) if key not in _READ]
    prefetch_related_objects(missing, "fees", "criteria")
    if len(_READ) + len(missing) > MOST_KEPT:
        _READ.clear()
    found = []
    for row, key in zip(rows, keys, strict=True):
        read = _READ.get(key) or (_terms(row, row.fees.all(), row.criteria.all()), tuple(_criteria(row, known)))
        if row.state in _UNCHANGING:
            _READ[key] = read
        found.append(read)
    return found


def _terms(row: ProductVersion, fees: Iterable[Fee], criteria: Iterable[CriterionRow] = ()) -> ProductTerms:
    return ProductTerms(
        name=row.name,
        summary=row.summary,
        rate_min=row.rate_min,
        rate_max=row.rate_max,
        limit_min_fen=row.limit_min_fen,
        limit_max_fen=row.limit_max_fen,
        months_min=row.months_min,
        months_max=row.months_max,
        methods=tuple(RepaymentMethod(code) for code in row.methods),
        promised_days=row.promised_days,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        fees=tuple(FeeTerms(fee.name, FeeBasis(fee.basis), fee.rate, fee.amount_fen) for fee in fees),
        regions=tuple(row.regions),
        purposes=tuple(LoanPurpose(code) for code in row.purposes),
        collateral=CollateralKind(row.collateral),
        joint_liability=row.joint_liability,
        criteria=tuple(CriterionTerms(one.field, one.operator, tuple(one.operand), one.is_hard) for one in criteria),
    )


def _criteria(row: ProductVersion, known: Mapping[str, CriterionField]) -> Iterable[CriterionView]:
    for one in row.criteria.all():
        criterion = read_criterion(rules.FIELDS, one.field, one.operator, one.operand, is_hard=one.is_hard)
        field = known[one.field]
        text = f"{field.label} {field.demand(criterion.operator, criterion.operand)}"
        yield CriterionView(one.position, criterion, field, text)


def _acts(row: ProductVersion, actor: Actor) -> Iterable[CatalogueAct]:
    institution_id = row.product.institution_id
    if policies.can_write(actor, institution_id):
        if row.state != VersionState.SUBMITTED:
            yield CatalogueAct.PRODUCT_REVISE
        if row.state == VersionState.DRAFT:
            yield CatalogueAct.PRODUCT_SUBMIT
    if row.state == VersionState.SUBMITTED and policies.can_review(actor):
        yield CatalogueAct.PRODUCT_SEND_BACK
        if policies.is_another_than(actor, row.submitted_by_id):
            yield CatalogueAct.PRODUCT_PUBLISH
    if row.state == VersionState.PUBLISHED and policies.can_delist(actor, institution_id):
        yield CatalogueAct.PRODUCT_DELIST
