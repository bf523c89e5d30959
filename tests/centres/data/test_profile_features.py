"""The numbers of a profile: many, different, documented; equal however they are computed, and as known then."""

import datetime as dt
import random
from decimal import Decimal

import polars as pl
import pytest
from bench import profiles as bench

from factories import parties
from factories.consents import consent
from factories.profiles import facts
from factories.sources import invoice_file, sale
from finmart.centres.data.consents.types import Purpose
from finmart.centres.data.profiles import operations, queries
from finmart.centres.data.profiles.models import Fact, PastFact
from finmart.centres.data.profiles.rules.from_invoices import NUMBERS, facts_of
from finmart.centres.data.profiles.types import FACT_TYPES, Tie
from finmart.centres.data.sources import operations as sources_operations
from finmart.centres.data.sources import queries as sources_queries
from finmart.centres.data.sources.types import SourceFile
from finmart.centres.technical.parties.types import Role
from finmart.config import fact_table
from finmart.config.places import CHECKOUT
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.twin.firms import invoices_of_sample
from finmart.twin.material import material
from seen import seen

pytestmark = pytest.mark.clause("D3")
SYSTEM = Actor.of_system("test")
DAY = dt.date(2019, 12, 31)
DOCUMENT = CHECKOUT / "docs/algorithms/profile.md"


def test_eighty_numbers_none_constant_and_no_two_equal(shared_folder):
    folder = shared_folder / "sme-2020"
    files = [SourceFile(name, (folder / name).read_bytes()) for name in ("enterprises.csv", "invoices.parquet")]
    real = sources_queries.read_sme_2020(enterprises=files[0], invoices=files[1]).invoices
    sample = sources_queries.judged(invoices_of_sample(material(), DAY))
    found = queries.check_features(*(frame.rename({"enterprise": "organisation_id"}) for frame in (real, sample)))
    assert len(found.codes) >= 80
    assert (found.constant, found.equal) == ((), ())
    assert min(found.known.values()) > found.firms / 10


def test_a_constant_and_a_pair_of_equals_are_found():
    rows = [(1, "OUT", dt.date(2019, month, 3), "甲", 100, 13, False, True) for month in range(1, 13)]
    found = queries.check_features(pl.DataFrame(rows, schema=list(bench.COLUMNS), orient="row"))
    assert "annual_sales_fen" in found.constant
    assert ("customer_count", "new_customer_count") not in found.equal
    assert any("customer_top_share_ever" in pair for pair in found.equal)


def test_the_document_prints_the_table_of_fact_types():
    written = DOCUMENT.read_text(encoding="utf-8")
    assert written.partition("<!-- finmart profile facts -->\n")[2].strip() == "\n".join(fact_table.lines()).strip()


@pytest.mark.parametrize("seed", range(4))
def test_plain_pandas_gives_the_same_numbers(seed):
    some = bench.drawn(12).filter(pl.col("organisation_id") != 5)
    chosen = some.sample(fraction=(0.05, 0.3, 0.7, 1.0)[seed], seed=seed)
    chosen = chosen.with_columns((pl.col("counterparty").str.slice(0, 2)).alias("counterparty"))
    theirs = bench.on_pandas.profiles(bench.in_pandas(chosen), bench.AS_OF)
    assert bench.differing(facts_of(chosen, bench.AS_OF), theirs) == []


def _drawn(chance, number):
    partner = chance.choice("甲乙丙丁戊")
    amount = chance.choice([100, 250, 990, 120_000, -80]) * chance.randint(1, 9)
    day = dt.date(2017, 6, 1) + dt.timedelta(days=chance.randint(0, 940))
    rate = chance.choice([0, 3, 13])
    return sale(
        发票号码=str(number), 开票日期=day.isoformat(), 交易对方=f"苏州{partner}公司",
        方向=chance.choice(["销项", "进项"]),
        金额=f"{amount}.00", 税额=f"{amount * rate / 100:.2f}", 价税合计=f"{amount * (100 + rate) / 100:.2f}",
        发票状态=chance.choice(["有效发票"] * 5 + ["作废发票"]),
    )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_computing_what_is_new_equals_computing_everything(seed):
    """Loads in any order, of any firm, also a void twin of an older invoice: only what they touch is summed up anew."""
    chance = random.Random(seed)
    firms = [parties.enterprise().organisation_id for _ in range(3)]
    rows = {firm: [_drawn(chance, 100 * place + n) for n in range(30)] for place, firm in enumerate(firms)}
    for _ in range(7):
        firm = chance.choice(firms)
        part = chance.sample(rows[firm], 9)
        twins = [[*row[:6], "作废发票", row[7]] for row in part[:1] if row[6] == "有效发票"]
        sources_operations.load_invoices(SYSTEM, invoice_file(*part, *twins), organisation_id=firm)
        operations.compute(SYSTEM, [firm], DAY)
    operations.compute(SYSTEM, firms, DAY)
    everything = facts_of(sources_queries.invoice_frame(), DAY)
    stored = {(fact.organisation_id, fact.fact_type): fact.number for fact in seen(Fact).filter(as_of_on=DAY)}
    for row in everything.iter_rows(named=True):
        for code in NUMBERS:
            kept = stored[row["organisation_id"], code]
            assert (kept is None) == (row[code] is None), code
            assert kept is None or float(kept) == pytest.approx(row[code], abs=1e-6), code


@pytest.mark.django_db
def test_a_firm_hears_of_what_its_partner_does_elsewhere():
    one, other = (parties.enterprise().organisation_id for _ in range(2))
    for firm in (one, other):
        rows = [sale(发票号码=f"{firm}{n}", 开票日期=f"2019-{n:02d}-05") for n in range(1, 13)]
        sources_operations.load_invoices(SYSTEM, invoice_file(*rows), organisation_id=firm)
        operations.compute(SYSTEM, [firm], DAY)
    shared = dict(seen(Fact).filter(fact_type="shared_customer_count").values_list("organisation_id", "number"))
    assert shared == {one: 1, other: 1}
    assert seen(PastFact).get(fact_type="shared_customer_count", organisation_id=one).number == 0


def _by_code(views):
    return {view.code: view for view in views}


@pytest.mark.django_db
def test_a_profile_of_a_day_gone_by_knows_what_was_known_then():
    firm = parties.enterprise()
    facts(firm.organisation_id, employees=12, tax_grade="B")
    then = clock.now()
    facts(firm.organisation_id, employees=15, tax_grade="B")
    facts(firm.organisation_id, employees=None)
    facts(firm.organisation_id, overdue_count=1)
    known = _by_code(queries.own_facts_for(firm, known_by=then))
    assert (known["employees"].value, known["tax_grade"].value) == (12, "B")
    assert "overdue_count" not in known
    assert _by_code(queries.own_facts_for(firm))["employees"].value is None
    assert [past.number for past in seen(PastFact).order_by("id")] == [12, 15]
    assert queries.own_facts_for(firm, known_by=then - dt.timedelta(days=1)) == []


@pytest.mark.django_db
@pytest.mark.clause("F2")
def test_an_officer_asks_for_the_past_under_the_same_consent():
    firm, bank = parties.enterprise(Role.ENTERPRISE_LEGAL_PERSON), parties.bank()
    facts(firm.organisation_id, employees=12, tax_grade="B")
    then = clock.now()
    facts(firm.organisation_id, employees=15)
    consent(firm, bank, "employees")
    seen = queries.facts_for(bank, firm.organisation_id, Purpose.LOAN_REVIEW, known_by=then)
    assert [(view.code, view.value) for view in seen] == [("employees", 12)]


@pytest.mark.django_db
def test_a_later_load_or_void_changes_no_earlier_profile():
    firm = parties.enterprise()
    first = [sale(发票号码=str(n), 开票日期=f"2019-{n:02d}-05") for n in range(1, 13)]
    sources_operations.load_invoices(SYSTEM, invoice_file(*first), organisation_id=firm.organisation_id)
    operations.compute(SYSTEM, [firm.organisation_id], DAY)
    then = clock.now()
    later = [sale(发票号码="13", 开票日期="2019-11-20"), [*first[11][:6], "作废发票", first[11][7]]]
    sources_operations.load_invoices(SYSTEM, invoice_file(*later), organisation_id=firm.organisation_id)
    operations.compute(SYSTEM, [firm.organisation_id], DAY)

    def annual(known_by, day=DAY):
        table = queries.features_as_known(
            SYSTEM, [firm.organisation_id], as_of_on=day, known_by=known_by, purpose=Purpose.STATISTICS
        )
        return table["annual_sales_fen"][0], table["void_share"][0]

    assert annual(then) == (1_200_000, 0)
    assert annual(clock.now()) == (1_200_000, pytest.approx(1 / 13))
    assert annual(clock.now(), dt.date(2019, 11, 30)) == (1_200_000, 0)
    assert _by_code(queries.own_facts_for(firm, known_by=then))["void_share"].value == 0
    assert _by_code(queries.own_facts_for(firm))["void_share"].value == Decimal("0.076923")


@pytest.mark.django_db
def test_others_see_partners_and_owners_masked():
    firm, bank = parties.enterprise(Role.ENTERPRISE_LEGAL_PERSON), parties.bank()
    owners = (Tie("苏州恒远投资有限公司", Decimal("0.6")), Tie("张三", Decimal("0.4")))
    facts(firm.organisation_id, shareholders=owners)
    consent(firm, bank, "shareholders")
    assert _by_code(queries.own_facts_for(firm))["shareholders"].value == owners
    (seen,) = queries.facts_for(bank, firm.organisation_id, Purpose.LOAN_REVIEW)
    assert [tie.name for tie in seen.value] == ["苏州***有限公司", "张*"]
    assert [tie.share for tie in seen.value] == [Decimal("0.6"), Decimal("0.4")]


def test_every_recorded_kind_says_who_may_record_it():
    derived = {code for code, kind in FACT_TYPES.items() if kind.is_derived}
    assert derived == {"industry_cluster", "size_class"}
    assert not any(FACT_TYPES[code].is_recordable for code in derived)
