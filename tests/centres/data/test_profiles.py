"""Facts in the store: computed once, read by those who may, missing where unknown."""

import datetime as dt
from decimal import Decimal

import pytest

from factories import parties
from factories.consents import consent
from factories.profiles import facts
from factories.sources import invoice_file, sale
from finmart.centres.data.consents import queries as consents_queries
from finmart.centres.data.consents.types import ConsentRequired, Purpose
from finmart.centres.data.profiles import operations, queries
from finmart.centres.data.profiles.models import Fact
from finmart.centres.data.profiles.types import FACT_TYPES, UnableToRecord
from finmart.centres.data.sources import operations as sources_operations
from finmart.centres.technical.audit.models import Entry
from finmart.centres.technical.parties.types import Role
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied
from seen import seen

pytestmark = [pytest.mark.clause("D3"), pytest.mark.django_db]
SYSTEM = Actor.of_system("test")
AS_OF = dt.date(2019, 12, 31)


@pytest.fixture
def firm():
    return parties.enterprise(Role.ENTERPRISE_LEGAL_PERSON)


def _sell(firm, *rows):
    sources_operations.load_invoices(SYSTEM, invoice_file(*rows), organisation_id=firm.organisation_id)


def _by_code(views):
    return {view.code: view for view in views}


def test_facts_from_invoices_carry_source_day_grade_and_formula(firm):
    _sell(
        firm, sale(发票号码="1", 开票日期="2019-11-05"), sale(发票号码="2", 开票日期="2019-12-05", 发票状态="作废发票")
    )
    operations.compute(SYSTEM, [firm.organisation_id], AS_OF)
    found = _by_code(queries.own_facts_for(firm))
    sales = found["annual_sales_fen"]
    assert (sales.value, sales.text, sales.source, sales.as_of_on, sales.grade) == (
        100_000, "1,000.00 元", "增值税发票", AS_OF, 3,
    )  # fmt: skip
    assert "不含税" in sales.formula
    assert found["void_share"].text == "50 %"
    assert found["monthly_sales"].value == (("2019-11", 100_000), ("2019-12", 0))


def test_missing_is_shown_as_missing_and_is_no_known_value(firm):
    _sell(firm, sale(开票日期="2019-11-05"))
    operations.compute(SYSTEM, [firm.organisation_id], AS_OF)
    growth = _by_code(queries.own_facts_for(firm))["sales_growth"]
    assert (growth.value, growth.text) == (None, "暂缺")
    known = queries.known_values(firm.organisation_id)
    assert "sales_growth" not in known
    assert "annual_tax_fen" not in known
    assert known["annual_sales_fen"].value == 100_000
    assert (known["annual_sales_fen"].known_on, known["annual_sales_fen"].source) == (AS_OF, "增值税发票")


def test_a_newer_unknown_hides_an_older_value(firm):
    _sell(firm, *[sale(发票号码=str(m), 开票日期=f"2018-{m:02d}-05") for m in range(1, 13)])
    operations.compute(SYSTEM, [firm.organisation_id], dt.date(2018, 12, 31))
    assert queries.known_values(firm.organisation_id)["void_share"].value == 0
    operations.compute(SYSTEM, [firm.organisation_id], dt.date(2020, 12, 31))
    assert "void_share" not in queries.known_values(firm.organisation_id)
    facts(firm.organisation_id, tax_grade=None)
    assert "tax_grade" not in queries.known_values(firm.organisation_id)


def test_computing_twice_changes_nothing_and_new_invoices_do(firm):
    _sell(firm, sale(开票日期="2019-11-05"))
    assert operations.compute(SYSTEM, [firm.organisation_id]) == len([t for t in FACT_TYPES.values() if t.is_computed])
    before = list(seen(Fact).order_by("id").values())
    assert operations.compute(SYSTEM, [firm.organisation_id]) == 0
    assert list(seen(Fact).order_by("id").values()) == before
    _sell(firm, sale(发票号码="2", 开票日期="2019-10-05"))
    assert operations.compute(SYSTEM, [firm.organisation_id]) > 0
    assert operations.compute(SYSTEM, []) == 0


def test_known_values_derive_age_and_district(firm):
    facts(firm.organisation_id, established_on=clock.today() - dt.timedelta(days=800), employees=12, is_high_tech=True)
    known = queries.known_values(firm.organisation_id)
    assert known["established_months"].value == 26
    assert (known["employees"].value, known["is_high_tech"].value) == (12, True)
    assert "established_on" not in known


@pytest.mark.clause("F2")
def test_a_bank_reads_what_the_firm_consented_to_and_leaves_a_line(firm):
    bank = parties.bank()
    facts(firm.organisation_id, employees=12, tax_grade="A", registered_capital_fen=10**9)
    with pytest.raises(ConsentRequired):
        queries.facts_for(bank, firm.organisation_id, Purpose.LOAN_REVIEW)
    consent(firm, bank, "employees", "tax_grade")
    assert [view.text for view in queries.facts_for(bank, firm.organisation_id, Purpose.LOAN_REVIEW)] == [
        "A 级",
        "12 人",
    ]
    with pytest.raises(ConsentRequired):
        queries.facts_for(bank, firm.organisation_id, Purpose.LOAN_REVIEW, ["registered_capital_fen"])
    lines = consents_queries.disclosures_for(firm)
    assert [line.outcome for line in lines] == ["REFUSED", "GIVEN", "REFUSED"]
    assert lines[1].fact_types == ("employees", "tax_grade")


@pytest.mark.clause("F2")
def test_older_facts_and_older_months_than_consented_are_left_out(firm):
    bank = parties.bank()
    today = clock.today()
    operations.record_fact(SYSTEM, firm.organisation_id, "employees", 5, today - dt.timedelta(days=500), "样例登记")
    _sell(firm, *[sale(发票号码=str(n), 开票日期=str(today - dt.timedelta(days=31 * n))) for n in range(1, 20)])
    operations.compute(SYSTEM, [firm.organisation_id], today)
    consent(firm, bank, "employees", "monthly_sales", months_back=6)
    found = _by_code(queries.facts_for(bank, firm.organisation_id, Purpose.LOAN_REVIEW))
    assert set(found) == {"monthly_sales"}
    assert len(found["monthly_sales"].value) <= 7 < len(_by_code(queries.own_facts_for(firm))["monthly_sales"].value)


@pytest.mark.clause("F2")
def test_the_operator_reads_under_its_basis_and_a_firms_own_staff_without_a_line(firm):
    facts(firm.organisation_id, employees=12)
    assert queries.facts_for(parties.operator(), firm.organisation_id, Purpose.WARNING)
    with pytest.raises(ConsentRequired):
        queries.facts_for(parties.operator(), firm.organisation_id, Purpose.LOAN_REVIEW)
    count = len(consents_queries.disclosures_for(firm))
    assert queries.facts_for(firm, firm.organisation_id, Purpose.LOAN_REVIEW, ["employees"])[0].value == 12
    assert len(consents_queries.disclosures_for(firm)) == count
    for stranger in (parties.bank(), Actor.visitor(), parties.operator()):
        with pytest.raises(AccessDenied):
            queries.own_facts_for(stranger)


def test_what_a_firm_records_of_itself_says_so(firm):
    operations.record_fact(firm, firm.organisation_id, "employees", 30, clock.today(), "统计局")
    assert _by_code(queries.own_facts_for(firm))["employees"].source == "企业自报"
    for stranger in (parties.enterprise(), parties.bank(), Actor.visitor()):
        with pytest.raises(AccessDenied):
            operations.record_fact(stranger, firm.organisation_id, "employees", 1, clock.today(), "x")
    with pytest.raises(AccessDenied):
        operations.compute(firm, [firm.organisation_id])


@pytest.mark.parametrize(
    ("code", "days", "source", "field"),
    [
        ("annual_sales_fen", 0, "x", "fact_type"),
        ("made_up", 0, "x", "fact_type"),
        ("employees", 1, "x", "as_of_on"),
        ("employees", 0, " ", "source"),
    ],
)
def test_what_cannot_be_recorded_is_refused_at_its_field(firm, code, days, source, field):
    with pytest.raises(UnableToRecord) as refused:
        operations.record_fact(SYSTEM, firm.organisation_id, code, 1, clock.today() + dt.timedelta(days=days), source)
    assert refused.value.field == field
    assert not seen(Fact).filter(organisation_id=firm.organisation_id).exists()


def test_recording_again_replaces_and_is_audited(firm):
    facts(firm.organisation_id, employees=1, tax_grade="A")
    assert facts(firm.organisation_id, employees=2, tax_grade="A") == 1
    assert _by_code(queries.own_facts_for(firm))["employees"].value == 2
    assert Entry.objects.filter(tag="profiles:facts:record").count() == 2


def test_the_population_table_has_a_column_per_fact_and_null_where_missing(firm):
    other = parties.enterprise()
    facts(firm.organisation_id, employees=12, tax_grade="A")
    facts(other.organisation_id, is_high_tech=True)
    table = queries.fact_table(["employees", "tax_grade", "is_high_tech", "annual_sales_fen"])
    rows = {row["organisation_id"]: row for row in table.iter_rows(named=True)}
    assert rows[firm.organisation_id] == {
        "organisation_id": firm.organisation_id, "employees": 12.0, "tax_grade": "A", "is_high_tech": None,
        "annual_sales_fen": None,
    }  # fmt: skip
    assert rows[other.organisation_id]["is_high_tech"] == "true"
    with pytest.raises(ConsentRequired):
        queries.fact_table(["employees"], actor=parties.bank())


def test_shares_are_kept_as_fractions(firm):
    _sell(
        firm,
        *[sale(发票号码=str(n), 开票日期="2019-11-05") for n in range(2)],
        sale(开票日期="2019-11-06", 交易对方="乙"),
    )
    operations.compute(SYSTEM, [firm.organisation_id], AS_OF)
    assert queries.known_values(firm.organisation_id)["top_customer_share"].value == Decimal("0.666667")


@pytest.mark.clause("F2")
def test_matching_leaves_a_line_the_firm_can_read(firm):
    queries.known_values(firm.organisation_id)
    line = consents_queries.disclosures_for(firm)[0]
    assert (line.recipient_name, line.purpose_label, line.outcome) == ("平台匹配服务", "产品匹配", "GIVEN")


def test_counts_leave_missing_values_out(firm):
    before = queries.count_facts()
    facts(firm.organisation_id, employees=1, tax_grade="A", overdue_count=None)
    assert queries.count_facts() == (before[0] + 2, before[1] + 1)
