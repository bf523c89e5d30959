"""What anybody may see: the front page, the supermarket, one product, a comparison."""

from decimal import Decimal
from uuid import uuid4

import pytest

from factories import catalogue as made
from factories import parties as people
from finmart.centres.business.catalogue import operations, queries
from finmart.centres.business.catalogue.types import FeeBasis, FeeTerms
from finmart.centres.technical.parties.types import Role
from finmart.kit.finance import RepaymentMethod

pytestmark = pytest.mark.django_db
LIST = "/products/"


@pytest.fixture
def operator():
    return made.operator_actor()


@pytest.fixture
def cheap(operator):
    return made.listed(operator=operator, name="低息贷", rate_min=Decimal("0.031"), rate_max=Decimal("0.04"), fees=())


@pytest.fixture
def fast(operator):
    return made.listed(
        operator=operator,
        name="快贷",
        promised_days=1,
        limit_max_fen=50_000_000,
        months_max=12,
        methods=(RepaymentMethod.BULLET,),
    )


def names(answer):
    return [one.terms.name for one in answer.context["products"]]


@pytest.mark.clause("P3")
def test_the_front_page_counts_what_is_open_and_invents_nothing(client, cheap, fast):
    page = client.get("/")
    assert page.status_code == 200
    figures = page.context["figures"]
    assert (figures.institutions, figures.products, figures.rate_from) == (2, 2, Decimal("0.031"))
    assert page.context["cases"] is None
    operations.delist(made.operator_actor(), cheap.uuid, reason="试验")
    assert client.get("/").context["figures"].products == 1


def test_an_empty_supermarket_says_so(client):
    assert "暂无在售产品" in client.get("/").content.decode()
    assert "没有符合条件的产品" in client.get(LIST).content.decode()


@pytest.mark.clause("P3", "A4-1")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["低息贷", "快贷"]),
        ({"amount_fen": "3000000"}, ["低息贷"]),
        ({"term_months": "24"}, ["低息贷"]),
        ({"method": "BULLET"}, ["快贷"]),
        ({"sort": "SPEED"}, ["快贷", "低息贷"]),
        ({"text": "快"}, ["快贷"]),
        ({"collateral": "MORTGAGE"}, []),
        ({"page": "99999"}, ["低息贷", "快贷"]),
        ({"page": "zwölf"}, ["低息贷", "快贷"]),
    ],
)
def test_filters_narrow_and_the_address_holds_them(client, cheap, fast, query, expected):
    answer = client.get(LIST, query)
    assert answer.status_code == 200
    assert names(answer) == expected


def test_an_institution_is_a_filter_too(client, cheap, fast):
    institution = queries.product_for(made.SYSTEM, cheap.uuid).institution
    assert names(client.get(LIST, {"institution": str(institution.uuid)})) == ["低息贷"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"amount_fen": "0"}, "amount_fen"),
        ({"amount_fen": "1.000000000001"}, "amount_fen"),
        ({"term_months": "-1"}, "term_months"),
        ({"method": "FREE"}, "method"),
        ({"institution": str(uuid4())}, "institution"),
    ],
)
def test_a_wrong_filter_is_told_beside_its_field(client, cheap, query, field):
    answer = client.get(LIST, query)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors


@pytest.mark.clause("P3")
def test_a_product_page_shows_terms_criteria_and_the_cost_with_all_fees(client, operator):
    fee = FeeTerms("服务费", FeeBasis.FIXED_ONCE, amount_fen=1_000_00)
    with_fee = made.listed(operator=operator, name="有费贷", fees=(fee,))
    free = made.listed(operator=operator, name="无费贷", fees=())
    costs = {}
    for ref in (with_fee, free):
        page = client.get(f"{LIST}{ref.uuid}/")
        assert page.status_code == 200
        costs[ref.uuid] = page.context["product"].cost
        for text in ("成立", "必须符合", "择优参考", "等额本息"):
            assert text in page.content.decode()
    assert costs[free.uuid].annual_rate > made.TERMS.rate_max  # monthly payments compound
    assert costs[with_fee.uuid].annual_rate > costs[free.uuid].annual_rate
    assert costs[with_fee.uuid].fees_fen == 1_000_00


@pytest.mark.clause("F3")
def test_drafts_are_not_found_by_strangers_and_delisted_products_say_so(client, client_of, cheap):
    bank = made.bank_actor()
    draft = operations.draft_product(bank, made.terms(name="草稿贷"))
    stranger = people.member(people.organisation(), Role.ENTERPRISE_CLERK)
    for visitor in (client, client_of(stranger), client_of(made.bank_actor())):
        assert visitor.get(f"{LIST}{draft.uuid}/").status_code == 404
        assert visitor.get(f"{LIST}{uuid4()}/").status_code == 404
    assert client_of(bank).get(f"{LIST}{draft.uuid}/").status_code == 200
    operations.delist(made.operator_actor(), cheap.uuid, reason="试验")
    assert "已停止受理" in client.get(f"{LIST}{cheap.uuid}/").content.decode()


def test_up_to_four_products_are_compared_at_one_amount_and_term(client, operator, cheap, fast):
    both = client.get(f"{LIST}compare/", {"p": [str(cheap.uuid), str(fast.uuid)]})
    assert names(both) == ["低息贷", "快贷"]
    assert {(one.cost.amount_fen, one.cost.months) for one in both.context["products"]} == {(50_000_000, 12)}
    more = [str(made.listed(operator=operator, name=f"贷{n}").uuid) for n in range(3)]
    for wrong in ([], ["x"], [str(cheap.uuid)] * 2, [str(cheap.uuid), str(fast.uuid), *more]):
        assert client.get(f"{LIST}compare/", {"p": wrong}).status_code == 422
    assert client.get(f"{LIST}compare/", {"p": [str(uuid4())]}).status_code == 404


def test_the_list_needs_few_queries_however_long_it_is(client, operator, django_assert_max_num_queries):
    for number in range(12):
        made.listed(operator=operator, name=f"贷{number}")
    with django_assert_max_num_queries(25):
        assert len(names(client.get(LIST))) == 12
    with django_assert_max_num_queries(25):
        client.get("/")


def test_who_has_signed_in_is_sent_to_the_own_portal(client_of, monkeypatch):
    from finmart.ui import navigation

    monkeypatch.setattr(navigation, "_homes", {})
    actor = people.member(people.organisation(), Role.ENTERPRISE_CLERK)
    assert client_of(actor).get("/").status_code == 200
    navigation.register_home("企业端", "visitor:products", lambda who: who.organisation_kind == "ENTERPRISE")
    assert client_of(actor).get("/")["Location"] == LIST
    assert client_of(None).get("/").status_code == 200
