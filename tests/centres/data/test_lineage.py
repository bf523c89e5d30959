"""From a number back to what it was made of: the inputs listed add up to the number shown."""

import datetime as dt
import hashlib

import pytest

from factories import consents, profiles
from factories import parties as people
from factories.sources import invoice_file, sale
from finmart.centres.data.consents import queries as consents_queries
from finmart.centres.data.consents.types import ConsentRequired, Purpose
from finmart.centres.data.profiles import operations, queries
from finmart.centres.data.profiles.rules.from_invoices import NUMBERS, SERIES
from finmart.centres.data.profiles.types import FACT_TYPES
from finmart.centres.data.sources import operations as sources_operations
from finmart.centres.technical.parties.types import Role
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.errors import NotFound

pytestmark = [pytest.mark.clause("D1"), pytest.mark.django_db]
SYSTEM = Actor.of_system("test")
DAY = dt.date(2026, 10, 31)
SALES = "annual_sales_fen"


def _file(name, *rows):
    file = invoice_file(*rows)
    return type(file)(name, file.content)


def _months():
    """Invoices of two and a half years: sales and purchases each month, some void, some red-letter."""
    for back in range(30):
        month = (DAY.replace(day=1) - dt.timedelta(days=30 * back)).replace(day=5 + back % 7).isoformat()
        net = 1000 + 37 * back
        for side, buyer in (("销项", f"甲{back % 3}公司"), ("进项", f"乙{back % 4}公司")):
            amounts = {"金额": str(net), "税额": str(net * 0.13), "价税合计": f"{net * 1.13:.2f}"}
            amounts["税额"] = f"{net * 0.13:.2f}"
            yield sale(发票号码=f"{side}{back}"[-8:], 开票日期=month, 方向=side, 交易对方=buyer, **amounts)
        if back % 5 == 0:
            yield sale(发票号码=f"V{back}", 开票日期=month, 发票状态="作废发票")
            yield sale(发票号码=f"R{back}", 开票日期=month, 金额="-100", 税额="-13", 价税合计="-113")


@pytest.fixture
def firm():
    own = people.enterprise(name="吴门精工")
    rows = list(_months())
    for name, part in (("上半.csv", rows[::3]), ("下半.csv", [*rows[1::3], *rows[2::3]])):
        sources_operations.load_invoices(SYSTEM, _file(name, *part), organisation_id=own.organisation_id)
    operations.compute(SYSTEM, [own.organisation_id], DAY)
    return own


def test_the_listed_inputs_add_up_to_every_sum_shown(firm):
    asked = [f"{word}_{window}_fen" for word in ("sales", "purchases") for window in ("3m", "6m", "24m")]
    for code in (SALES, "annual_purchases_fen", *asked):
        lineage = queries.lineage_for(firm, firm.organisation_id, code)
        assert lineage.fact.value == lineage.total_fen == sum(load.net_fen for load in lineage.loads), code
        assert lineage.agrees, code
        assert lineage.loads, code
    monthly = queries.lineage_for(firm, firm.organisation_id, "monthly_sales")
    assert sum(fen for _, fen in monthly.fact.value) == monthly.total_fen
    assert {load.files[0][0] for load in monthly.loads} == {"上半.csv", "下半.csv"}


def test_the_newest_invoices_are_listed_one_by_one_to_the_firm_and_add_up_too(firm):
    lineage = queries.lineage_for(firm, firm.organisation_id, "sales_3m_fen")
    assert lineage.period == (dt.date(2026, 8, 1), DAY)
    assert sum(one.amount_fen for one in lineage.invoices if not one.is_void) == lineage.fact.value
    assert len(lineage.invoices) == sum(load.invoices for load in lineage.loads)
    hashes = {hashlib.sha256(_file("", *part).content).hexdigest() for part in (list(_months())[::3],)}
    assert hashes <= {sha256 for load in lineage.loads for _, sha256 in load.files}


def test_every_computed_number_comes_out_again_from_what_was_known_then(firm):
    views = {view.code: view for view in queries.own_facts_for(firm)}
    tried = [code for code in (*NUMBERS, *SERIES) if views[code].value is not None][::6]
    assert len(tried) > 10
    wrong = [code for code in tried if not queries.lineage_for(firm, firm.organisation_id, code).agrees]
    assert wrong == []


def test_what_came_in_later_is_no_input_of_what_was_computed_before(firm):
    before = queries.lineage_for(firm, firm.organisation_id, SALES)
    later = sale(发票号码="9", 开票日期="2026-10-09", 金额="9999", 税额="1299.87", 价税合计="11298.87")
    sources_operations.load_invoices(SYSTEM, _file("后到.csv", later), organisation_id=firm.organisation_id)
    void = next(row for row in _months() if row[0].startswith("销项0") or row[0] == "销项0")
    twin = [*void[:6], "作废发票", void[7]]
    sources_operations.load_invoices(SYSTEM, _file("作废.csv", twin), organisation_id=firm.organisation_id)
    after = queries.lineage_for(firm, firm.organisation_id, SALES)
    assert (after.total_fen, after.loads, after.agrees) == (before.total_fen, before.loads, True)
    operations.compute(SYSTEM, [firm.organisation_id], DAY)
    anew = queries.lineage_for(firm, firm.organisation_id, SALES)
    assert anew.fact.value == anew.total_fen != before.total_fen
    assert [version.text for version in anew.versions] == [anew.fact.text, before.fact.text]
    assert {load.files[0][0] for load in anew.loads} > {"后到.csv", "上半.csv"}


def test_others_see_it_for_their_purpose_only_and_no_other_party(firm):
    operator, bank = people.operator(), people.bank()
    given = consents_queries.figures().given
    seen = queries.lineage_for(operator, firm.organisation_id, SALES, Purpose.QUALITY)
    assert consents_queries.figures().given == given + 1
    assert (seen.total_fen, seen.invoices, seen.may_dispute) == (seen.fact.value, (), False)
    with pytest.raises(ConsentRequired):
        queries.lineage_for(bank, firm.organisation_id, SALES, Purpose.LOAN_REVIEW)
    with pytest.raises(ConsentRequired):
        queries.lineage_for(people.enterprise(), firm.organisation_id, SALES, Purpose.LOAN_REVIEW)
    with pytest.raises(NotFound):
        queries.lineage_for(firm, firm.organisation_id, "net_assets_fen")


def test_under_consent_an_institution_sees_loads_and_sums(firm):
    bank = people.bank()
    legal = people.colleague(firm, Role.ENTERPRISE_LEGAL_PERSON)
    consents.consent(legal, bank, SALES, "sales_void_share")
    with clock.moved_to(clock.now()):
        seen = queries.lineage_for(bank, firm.organisation_id, SALES, Purpose.LOAN_REVIEW)
    assert seen.total_fen == seen.fact.value
    assert (seen.invoices, seen.versions, seen.disputes) == ((), (), ())


def test_what_a_register_told_names_no_load(firm):
    profiles.facts(firm.organisation_id, registered_capital_fen=5)
    told = queries.lineage_for(firm, firm.organisation_id, "registered_capital_fen")
    assert (told.is_computed, told.loads, told.record, told.agrees) == (False, (), None, None)
    assert FACT_TYPES["registered_capital_fen"].label == told.fact.label
    assert told.may_dispute
