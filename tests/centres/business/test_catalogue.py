"""Listing by two persons, versions that never change under a case, and criteria that can be answered."""

import threading
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from factories import catalogue as factory
from finmart.centres.business.catalogue import events as catalogue_events
from finmart.centres.business.catalogue import operations, queries
from finmart.centres.business.catalogue.models import ProductVersion
from finmart.centres.business.catalogue.types import (
    CatalogueAct,
    CriterionTerms,
    FeeBasis,
    FeeTerms,
    ProductFilter,
    ProductSort,
    UnableToApply,
    UnableToCompare,
    UnableToList,
    UnableToPublish,
    VersionState,
)
from finmart.centres.technical.audit.models import Entry
from finmart.centres.technical.parties.types import OrganisationKind, Role
from finmart.kit import clock, events
from finmart.kit.actor import Actor
from finmart.kit.criteria import UnableToReadCriterion
from finmart.kit.errors import AccessDenied, Conflict, NotFound, Refusal
from finmart.kit.transactions import OutsideTransaction

VISITOR = Actor.visitor()


@pytest.fixture
def bank(db):
    return factory.bank_actor()


@pytest.fixture
def operator(db):
    return factory.operator_actor()


@pytest.mark.clause("B5")
def test_a_product_goes_from_draft_to_the_shelf_by_two_persons(bank, operator):
    drafted = operations.draft_product(bank, factory.terms())
    assert drafted.state is VersionState.DRAFT
    assert queries.open_products().total == 0
    with pytest.raises(NotFound):
        queries.product_for(VISITOR, drafted.uuid)
    assert operations.submit(bank, drafted.uuid).state is VersionState.SUBMITTED
    assert queries.open_products().total == 0
    published = operations.publish(operator, drafted.uuid)
    view = queries.product_for(VISITOR, drafted.uuid)
    assert (view.state, view.is_open, view.version_id) == (VersionState.PUBLISHED, True, published.version_id)
    assert view.terms.fees == factory.TERMS.fees
    assert view.terms.methods == factory.TERMS.methods
    assert [one.text for one in view.criteria] == [
        "成立时长 ≥ 24 个月",
        "近12个月开票销售额 ≥ 500 万元",
        "纳税信用等级 为 A 级、B 级、M 级",
        "第一大客户占比 ≤ 50 %",
    ]
    tags = list(Entry.objects.filter(subject=f"product:{drafted.uuid}").order_by("id").values_list("tag", flat=True))
    assert tags == [CatalogueAct.PRODUCT_DRAFT, CatalogueAct.PRODUCT_SUBMIT, CatalogueAct.PRODUCT_PUBLISH]


@pytest.mark.clause("B5")
def test_who_submitted_may_not_publish_even_as_operator(bank):
    drafted = operations.draft_product(bank, factory.terms())
    operations.submit(bank, drafted.uuid)
    both = Actor(person_id=bank.person_id, organisation_id=bank.organisation_id, roles=frozenset({Role.OPERATOR}))
    with pytest.raises(UnableToPublish):
        operations.publish(both, drafted.uuid)
    (waiting,) = queries.products_for(both, states=[VersionState.SUBMITTED])
    assert CatalogueAct.PRODUCT_PUBLISH not in waiting.acts


@pytest.mark.clause("B5")
def test_the_database_too_refuses_one_person_publishing(bank, operator):
    reference = factory.listed(bank, operator)
    with pytest.raises(IntegrityError), transaction.atomic():
        ProductVersion.objects.filter(pk=reference.version_id).update(published_by=bank.person_id)


def test_strangers_are_refused_each_act(bank, operator):
    reference = factory.listed(bank, operator)
    hidden = operations.draft_product(bank, factory.terms())
    rival = factory.bank_actor()
    clerk = factory.actor_of(bank.organisation_id, Role.INSTITUTION_ACCOUNT_MANAGER)
    for stranger in (VISITOR, rival, clerk, Actor.of_system("import")):
        with pytest.raises(AccessDenied):
            operations.revise(stranger, reference.uuid, factory.terms())
        with pytest.raises(AccessDenied):
            operations.publish(stranger, reference.uuid)
        with pytest.raises(AccessDenied):
            operations.delist(stranger, reference.uuid, "试试")
    with pytest.raises(NotFound):
        operations.submit(rival, hidden.uuid)
    with pytest.raises(AccessDenied):
        operations.draft_product(clerk, factory.terms())
    assert [view.product_uuid for view in queries.products_for(rival)] == []
    assert len(queries.products_for(operator)) == 2


def test_only_a_bank_drafts_loans(db):
    insurer = factory.organisation(OrganisationKind.INSURER)
    with pytest.raises(UnableToList):
        operations.draft_product(factory.actor_of(insurer.id, Role.INSTITUTION_ADMINISTRATOR), factory.terms())


@pytest.mark.clause("B5")
def test_a_new_version_takes_over_and_the_old_one_stays_readable(bank, operator):
    first = factory.listed(bank, operator)
    revised = operations.revise(bank, first.uuid, factory.terms(rate_min=Decimal("0.03")))
    assert revised.version_number == 2
    assert queries.product_for(VISITOR, first.uuid).terms.rate_min == Decimal("0.0385")
    operations.submit(bank, first.uuid)
    with pytest.raises(Conflict):
        operations.revise(bank, first.uuid, factory.terms())
    second = operations.publish(operator, first.uuid)
    assert queries.product_for(VISITOR, first.uuid).version_id == second.version_id
    assert queries.version(first.version_id).terms.rate_min == Decimal("0.0385")
    with pytest.raises(UnableToApply, match="停止受理"):
        queries.require_open(first.version_id)
    assert queries.require_open(second.version_id).version_number == 2
    assert [view.version_number for view in queries.versions_for(VISITOR, first.uuid)] == [2, 1]


@pytest.mark.clause("B5")
def test_a_version_for_a_later_day_opens_on_that_day_without_a_gap(bank, operator):
    first = factory.listed(bank, operator)
    later = clock.today() + timedelta(days=30)
    operations.revise(bank, first.uuid, factory.terms(valid_from=later, rate_min=Decimal("0.03")))
    operations.submit(bank, first.uuid)
    operations.publish(operator, first.uuid)
    assert [view.version_number for view in queries.open_versions()] == [1]
    assert [view.version_number for view in queries.open_versions(later - timedelta(days=1))] == [1]
    assert [view.version_number for view in queries.open_versions(later)] == [2]


@pytest.mark.clause("B5")
def test_delisting_closes_the_door_and_keeps_the_version(bank, operator):
    reference = factory.listed(bank, operator)
    heard = []
    events.subscribe(catalogue_events.ProductDelisted, heard.append)
    with pytest.raises(Refusal):
        operations.delist(bank, reference.uuid, "  ")
    operations.delist(bank, reference.uuid, "额度用完")
    assert heard[-1].version_ids == (reference.version_id,)
    assert queries.open_products().total == 0
    with pytest.raises(UnableToApply):
        queries.require_open(reference.version_id)
    kept = queries.version(reference.version_id)
    assert (kept.state, kept.reason, len(kept.criteria)) == (VersionState.DELISTED, "额度用完", 4)
    with pytest.raises(Conflict):
        operations.delist(operator, reference.uuid, "再来")


def test_an_expired_product_is_refused(bank, operator):
    end_on = clock.today() + timedelta(days=10)
    reference = factory.listed(bank, operator, valid_to=end_on)
    assert queries.require_open(reference.version_id).version_id == reference.version_id
    with clock.moved_to(datetime.now(UTC) + timedelta(days=12)), pytest.raises(UnableToApply):
        queries.require_open(reference.version_id)


def test_what_was_sent_back_is_mended_and_submitted_again(bank, operator):
    drafted = operations.draft_product(bank, factory.terms())
    operations.submit(bank, drafted.uuid)
    with pytest.raises(AccessDenied):
        operations.send_back(bank, drafted.uuid, "不行")
    operations.send_back(operator, drafted.uuid, "请补充收费说明")
    (view,) = queries.products_for(bank)
    assert (view.state, view.reason) == (VersionState.DRAFT, "请补充收费说明")
    operations.revise(bank, drafted.uuid, factory.terms(fees=(), criteria=factory.TERMS.criteria[:1]))
    operations.submit(bank, drafted.uuid)
    view = queries.version(operations.publish(operator, drafted.uuid).version_id)
    assert (view.version_number, view.terms.fees, len(view.criteria)) == (1, (), 1)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "贷" * 10_000}, "name"),
        ({"rate_min": Decimal("-0.01")}, "rate_min"),
        ({"rate_min": Decimal("0.06")}, "rate_min"),
        ({"rate_max": Decimal("4.35")}, "rate_max"),
        ({"limit_min_fen": 0}, "limit_min_fen"),
        ({"limit_max_fen": 10**18}, "limit_min_fen"),
        ({"months_min": 0}, "months_min"),
        ({"months_max": 1}, "months_min"),
        ({"methods": ()}, "methods"),
        ({"promised_days": 0}, "promised_days"),
        ({"valid_to": date(2019, 1, 1)}, "valid_to"),
        ({"regions": ("吴中区",)}, "regions"),
        ({"regions": ("440305",)}, "regions"),
        ({"fees": (FeeTerms("手续费", FeeBasis.FIXED_ONCE, rate=Decimal("0.01")),)}, "fees"),
        ({"fees": (FeeTerms("手续费", FeeBasis.AMOUNT_ONCE, amount_fen=100),)}, "fees"),
        (
            {"criteria": (CriterionTerms("employees", "GE", (1,)), CriterionTerms("employees", "GE", ("1",)))},
            "criteria",
        ),
    ],
)
def test_terms_that_contradict_themselves_are_refused(bank, changes, field):
    with pytest.raises(UnableToList) as refusal:
        operations.draft_product(bank, factory.terms(**changes))
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("field", "operator", "operand"),
    [
        ("shoe_size", "GE", (1,)),
        ("district", "EQ", ("440305",)),
        ("tax_grade", "EQ", ("E",)),
        ("annual_sales_fen", "GE", ("五百万",)),
    ],
)
def test_a_criterion_on_no_fact_or_of_another_type_is_refused(bank, field, operator, operand):
    with pytest.raises(UnableToReadCriterion):
        operations.draft_product(bank, factory.terms(criteria=(CriterionTerms(field, operator, operand),)))


def test_every_field_has_a_chinese_label_and_shows_its_values(db):
    assert len(queries.register()) == 22
    assert all(any("一" <= sign <= "鿿" for sign in field.label) for field in queries.register().values())
    assert queries.register()["annual_sales_fen"].show(None) == "未知"
    assert queries.register()["annual_sales_fen"].show(320_000_000) == "320 万元"
    assert queries.register()["annual_sales_fen"].show(0) == "0 元"
    assert queries.register()["sales_growth"].show(Decimal("-0.125")) == "-12.5 %"
    assert queries.register()["is_high_tech"].show(value=False) == "否"


def test_a_yes_or_no_reads_as_such(bank, operator):
    reference = factory.listed(bank, operator, criteria=(CriterionTerms("is_high_tech", "EQ", (True,)),))
    assert queries.version(reference.version_id).criteria[0].text == "高新技术企业 为“是”"


def test_districts_are_shown_by_name(bank, operator):
    reference = factory.listed(bank, operator, criteria=(CriterionTerms("district", "IN", ("320506", "320571")),))
    assert queries.version(reference.version_id).criteria[0].text == "所在区市 为 吴中区、苏州工业园区"


def test_filters_narrow_and_sorting_is_total(bank, operator):
    cheap = factory.listed(bank, operator, name="低息贷", rate_min=Decimal("0.031"), regions=("320506",))
    large = factory.listed(bank, operator, name="大额贷", limit_max_fen=20_000_000_00, months_max=60, promised_days=9)
    other = factory.listed(operator=operator, name="他行贷")

    def found(sort=ProductSort.RATE, **wanted):
        return [view.product_uuid for view in queries.open_products(ProductFilter(**wanted), sort=sort).rows]

    assert found() == [cheap.uuid, large.uuid, other.uuid]
    assert found(ProductSort.LIMIT) == [large.uuid, cheap.uuid, other.uuid]
    assert found(ProductSort.SPEED) == [cheap.uuid, other.uuid, large.uuid]
    assert found(ProductSort.NEWEST)[0] == other.uuid
    assert found(district="320506") == [cheap.uuid, large.uuid, other.uuid]
    assert found(district="320507") == [large.uuid, other.uuid]
    assert found(amount_fen=10_000_000_00) == [large.uuid]
    assert found(term_months=48) == [large.uuid]
    assert found(institution_uuid=queries.version(other.version_id).institution.uuid) == [other.uuid]
    assert found(institution_uuid=uuid4()) == []
    assert found(text="大额\x00") == [large.uuid]
    page = queries.open_products(per_page=2, page=99)
    assert (page.page, page.pages, page.total, len(page.rows)) == (2, 2, 3, 1)


def test_a_page_of_products_costs_few_queries(bank, operator, django_assert_max_num_queries):
    for number in range(6):
        factory.listed(bank if number % 2 else None, operator, name=f"产品{number}")
    with django_assert_max_num_queries(6):
        queries.open_products()


def test_at_most_four_different_open_products_are_compared(bank, operator):
    made = [factory.listed(bank, operator, name=f"产品{number}").uuid for number in range(5)]
    assert [view.product_uuid for view in queries.compare(made[3::-1])] == made[3::-1]
    for wrong in (made, [], [made[0], made[0]]):
        with pytest.raises(UnableToCompare):
            queries.compare(wrong)
    operations.delist(bank, made[0], "停办")
    with pytest.raises(NotFound):
        queries.compare(made[:2])


def test_writes_need_a_transaction(committed_database):
    with pytest.raises(OutsideTransaction):
        operations.draft_product(VISITOR, factory.TERMS)


@pytest.mark.clause("B5")
def test_delisting_waits_for_an_application_under_way(committed_database):
    with transaction.atomic():
        bank = factory.bank_actor()
        reference = factory.listed(bank)
    held, release, states = threading.Event(), threading.Event(), []

    def apply():
        try:
            with transaction.atomic():
                queries.require_open(reference.version_id)
                held.set()
                release.wait(5)
                states.append(queries.version(reference.version_id).state)
        finally:
            connection.close()

    def delist():
        try:
            with transaction.atomic():
                operations.delist(bank, reference.uuid, "停办")
                states.append("delisted")
        finally:
            connection.close()

    applying = threading.Thread(target=apply)
    applying.start()
    assert held.wait(5)
    delisting = threading.Thread(target=delist)
    delisting.start()
    delisting.join(0.3)
    assert delisting.is_alive()
    release.set()
    applying.join(5)
    delisting.join(5)
    assert states == [VersionState.PUBLISHED, "delisted"]


def test_two_drafters_at_once_make_one_next_version(committed_database):
    with transaction.atomic():
        bank = factory.bank_actor()
        reference = factory.listed(bank)
    numbers, written, release = [], threading.Event(), threading.Event()

    def revise():
        try:
            with transaction.atomic():
                made = operations.revise(bank, reference.uuid, factory.terms()).version_number
                written.set()
                release.wait(5)
                numbers.append(made)
        finally:
            connection.close()

    threads = [threading.Thread(target=revise) for _ in range(2)]
    threads[0].start()
    assert written.wait(5)
    threads[1].start()
    threads[1].join(0.3)
    release.set()
    for one in threads:
        one.join(10)
    assert numbers == [2, 2]
    assert ProductVersion.objects.count() == 2
