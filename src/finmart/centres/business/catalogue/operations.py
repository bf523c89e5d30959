"""Listing: an institution drafts, revises and submits; another person, the operator's, publishes; either delists."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from finmart.centres.business.catalogue import policies, rules
from finmart.centres.business.catalogue.events import ProductDelisted, ProductPublished
from finmart.centres.business.catalogue.models import Criterion, Fee, Product, ProductVersion
from finmart.centres.business.catalogue.types import (
    CatalogueAct,
    ProductKind,
    ProductRef,
    ProductTerms,
    UnableToList,
    UnableToPublish,
    VersionState,
)
from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import OrganisationKind
from finmart.kit import clock, events, transactions
from finmart.kit.actor import Actor
from finmart.kit.criteria import written
from finmart.kit.errors import AccessDenied, Conflict, NotFound, Refusal

_CHILDREN = {"fees", "criteria"}


def draft_product(actor: Actor, terms: ProductTerms, *, kind: ProductKind = ProductKind.LOAN) -> ProductRef:
    """Draft a product of the actor's own institution (clause B5).

    Raises AccessDenied, UnableToList or UnableToReadCriterion with the field at fault.
    """
    transactions.require()
    institution_id = actor.organisation_id
    if institution_id is None or not policies.can_write(actor, institution_id):
        raise AccessDenied("只有机构管理员可以编制产品")
    institution = parties_queries.organisation(institution_id)
    if institution.kind != OrganisationKind.BANK:
        raise UnableToList("只有银行可以编制贷款产品", field="kind")
    product = Product.objects.create(
        kind=kind, institution_id=institution_id, drafted_at=clock.now(), is_example=institution.is_example
    )
    version = ProductVersion(product=product, number=1, state=VersionState.DRAFT)
    _write(version, terms)
    return _recorded(actor, CatalogueAct.PRODUCT_DRAFT, version, name=version.name)


def revise(actor: Actor, product_uuid: UUID, terms: ProductTerms) -> ProductRef:
    """Change the draft of a product, or begin the next version of a published one.

    Raises NotFound, AccessDenied, UnableToList; Conflict while a version waits for review.
    """
    transactions.require()
    product = _locked(actor, product_uuid)
    newest = product.versions.order_by("-number")[0]
    if newest.state == VersionState.SUBMITTED:
        raise Conflict("该产品有待复核的版本", remedy="请等待复核，或请运营人员退回")
    if newest.state == VersionState.DRAFT:
        version = newest
        version.fees.all().delete()
        version.criteria.all().delete()
    else:
        version = ProductVersion(product=product, number=newest.number + 1, state=VersionState.DRAFT)
    _write(version, terms)
    return _recorded(actor, CatalogueAct.PRODUCT_REVISE, version, name=version.name)


def submit(actor: Actor, product_uuid: UUID) -> ProductRef:
    """Hand the draft to the operator. Raises NotFound, AccessDenied; Conflict where there is no draft."""
    transactions.require()
    version = _in_state(_locked(actor, product_uuid), VersionState.DRAFT)
    version.state = VersionState.SUBMITTED
    version.submitted_by_id, version.submitted_at, version.reason = actor.person_id, clock.now(), ""
    version.save()
    return _recorded(actor, CatalogueAct.PRODUCT_SUBMIT, version)


def send_back(actor: Actor, product_uuid: UUID, reason: str) -> ProductRef:
    """Return a submitted version to its institution, with the reason. Raises AccessDenied, Conflict, Refusal."""
    transactions.require()
    version = _in_state(_reviewed(actor, product_uuid), VersionState.SUBMITTED)
    version.state, version.reason = VersionState.DRAFT, _reason(reason)
    version.save()
    return _recorded(actor, CatalogueAct.PRODUCT_SEND_BACK, version, reason=version.reason)


def publish(actor: Actor, product_uuid: UUID) -> ProductRef:
    """Open a submitted version to all from its first day, the version before it until that day.

    Raises AccessDenied for all but operator staff, UnableToPublish where the same person submitted it or its last
    day has passed, Conflict where nothing waits. Publishes :class:`ProductPublished`.
    """
    transactions.require()
    version = _in_state(_reviewed(actor, product_uuid), VersionState.SUBMITTED)
    if not policies.is_another_than(actor, version.submitted_by_id):
        raise UnableToPublish("提交人不能复核自己提交的产品", remedy="请由另一名运营人员复核")
    today = clock.today()
    if version.valid_to is not None and version.valid_to <= today:
        raise UnableToPublish("产品的停止受理日期已过", field="valid_to", remedy="请退回机构修改日期")
    version.valid_from = max(version.valid_from, today)
    _end_others(version)
    version.state = VersionState.PUBLISHED
    version.published_by_id, version.published_at = actor.person_id, clock.now()
    version.save()
    reference = _recorded(actor, CatalogueAct.PRODUCT_PUBLISH, version, valid_from=version.valid_from.isoformat())
    events.publish(ProductPublished(version.product_id, version.pk))
    return reference


def delist(actor: Actor, product_uuid: UUID, reason: str) -> ProductRef:
    """Take a product off the shelf at once; running cases keep their version (clause B5).

    Raises NotFound, AccessDenied; Conflict where nothing is listed; Refusal without a reason. Publishes
    :class:`ProductDelisted`.
    """
    transactions.require()
    product = _found(product_uuid)
    if not policies.can_delist(actor, product.institution_id):
        raise _unknown_or_denied(actor, product, "您无权下架该产品")
    listed = list(product.versions.filter(state=VersionState.PUBLISHED).order_by("number"))
    if not listed:
        raise Conflict("该产品未在架")
    for version in listed:
        version.state, version.delisted_at, version.reason = VersionState.DELISTED, clock.now(), _reason(reason)
        version.save()
    newest = listed[-1]
    reference = _recorded(actor, CatalogueAct.PRODUCT_DELIST, newest, reason=newest.reason)
    events.publish(ProductDelisted(product.pk, tuple(version.pk for version in listed)))
    return reference


def _found(uuid: UUID) -> Product:
    product = Product.objects.select_for_update().filter(uuid=uuid).first()
    if product is None:
        raise NotFound("没有找到该产品")
    return product


def _unknown_or_denied(actor: Actor, product: Product, message: str) -> Refusal:
    """Return NotFound for a stranger to a product that was never published, else AccessDenied."""
    was_listed = product.versions.filter(published_at__isnull=False).exists()
    known = was_listed or policies.can_see_unpublished(actor, product.institution_id)
    return AccessDenied(message) if known else NotFound("没有找到该产品")


def _locked(actor: Actor, uuid: UUID) -> Product:
    product = _found(uuid)
    if not policies.can_write(actor, product.institution_id):
        raise _unknown_or_denied(actor, product, "只有本机构管理员可以编制该产品")
    return product


def _reviewed(actor: Actor, uuid: UUID) -> Product:
    product = _found(uuid)
    if not policies.can_review(actor):
        raise _unknown_or_denied(actor, product, "只有运营人员可以复核产品")
    if product.institution_id in actor.conflicts:
        raise AccessDenied("您与该机构存在已登记的利害关系，应当回避", remedy="由其他运营人员复核")
    return product


def _in_state(product: Product, state: VersionState) -> ProductVersion:
    version = product.versions.filter(state=state).first()
    if version is None:
        raise Conflict(f"该产品没有“{state.label}”的版本", remedy="请刷新后重试")
    return version


def _reason(text: str) -> str:
    reason = " ".join(text.replace("\x00", "").split())[:300]
    if not reason:
        raise Refusal("请说明原因", field="reason")
    return reason


def _end_others(version: ProductVersion) -> None:
    """Let the versions now published end where ``version`` begins; one that would only begin later never opens."""
    starts = version.valid_from
    for other in version.product.versions.filter(state=VersionState.PUBLISHED):
        if other.valid_to is None or other.valid_to > starts:
            other.valid_to = max(starts, other.valid_from)
            other.save(update_fields=["valid_to"])


def _write(version: ProductVersion, terms: ProductTerms) -> None:
    districts = [(one.code, one.name) for one in parameters_queries.districts()]
    rules.check_terms(terms, [code for code, _ in districts])
    criteria = rules.read_criteria(terms.criteria, rules.typed(rules.with_districts(districts)))
    plain: dict[str, Any] = {name: value for name, value in asdict(terms).items() if name not in _CHILDREN}
    for name, value in plain.items():
        setattr(version, name, [str(one) for one in value] if isinstance(value, tuple) else value)
    version.name = " ".join(terms.name.split())
    version.save()
    Fee.objects.bulk_create(Fee(version=version, position=n, **asdict(fee)) for n, fee in enumerate(terms.fees, 1))
    Criterion.objects.bulk_create(
        Criterion(
            version=version, position=n, field=one.field, operator=one.operator,
            operand=written(one.operand), is_hard=one.is_hard,
        )
        for n, one in enumerate(criteria, 1)
    )  # fmt: skip


def _recorded(actor: Actor, act: CatalogueAct, version: ProductVersion, **content: Any) -> ProductRef:
    product = version.product
    audit_operations.record(actor, act, f"product:{product.uuid}", version=version.number, **content)
    return ProductRef(product.uuid, version.pk, version.uuid, version.number, VersionState(version.state))
