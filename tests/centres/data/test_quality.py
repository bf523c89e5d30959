"""Rules on the real store: run daily and after a load, lapses with owner and deadline, terms dated, history kept."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection
from procrastinate.contrib.django.models import ProcrastinateJob

from factories import parties as people
from factories import profiles
from factories.sources import invoice_file, sale
from finmart.centres.data.consents import queries as consents_queries
from finmart.centres.data.profiles import operations as profiles_operations
from finmart.centres.data.profiles.types import RecordedFact
from finmart.centres.data.quality import operations, queries
from finmart.centres.data.quality.types import LapseState, QualityAct, Trigger, UnableToSet
from finmart.centres.data.sources import operations as sources_operations
from finmart.centres.technical.parties.types import Role
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

pytestmark = [pytest.mark.clause("D1"), pytest.mark.django_db]
JUDGE = Actor.of_system("quality")
CODES = {"firm_basics_known", "invoice_adds_up", "invoice_once", "revenue_and_invoices", "facts_recent"}


def _ran(**options):
    return {one.code: one for one in operations.run(JUDGE, **options).figures}


def _load(firm, *rows):
    return sources_operations.load_invoices(
        Actor.of_system("test"), invoice_file(*rows), organisation_id=firm.organisation_id
    )


@pytest.fixture
def operator():
    return people.operator()


@pytest.fixture
def firm():
    return people.enterprise(name="吴门精工")


def test_the_pack_is_loaded_once_and_refused_where_a_person_asks(operator):
    known = {one.code for one in queries.rules_for(operator)}
    assert known >= CODES
    assert operations.load_rules(JUDGE, "suzhou") == 0
    with pytest.raises(AccessDenied):
        operations.load_rules(operator, "suzhou")
    with pytest.raises(NotFound):
        operations.load_rules(JUDGE, "nowhere")


def test_sources_that_contradict_each_other_are_counted_firm_by_firm(firm):
    other = people.enterprise(name="对照企业")
    today = clock.today()
    for source, day, capital in (("市场监管", today, 500), ("企业自报", today - dt.timedelta(days=3), 900)):
        profiles_operations.record_facts(
            JUDGE, [RecordedFact(firm.organisation_id, "registered_capital_fen", capital, day, source)]
        )
    profiles.facts(other.organisation_id, registered_capital_fen=500, annual_revenue_fen=1000, annual_tax_fen=400)
    found = _ran()
    assert (found["capital_across_sources"].checked, found["capital_across_sources"].failed) == (1, 1)
    assert (found["tax_and_revenue"].checked, found["tax_and_revenue"].failed) == (1, 1)
    (example,) = found["tax_and_revenue"].examples
    assert (example.firm_id, example.text) == (
        other.organisation_id, "近12个月纳税额 4.00 元；年营业收入 10.00 元",
    )  # fmt: skip
    assert found["firm_basics_known"].failed == 2
    assert found["employees_across_sources"].checked == 0


def test_old_facts_are_not_fresh_and_a_missing_one_is_no_failure(firm):
    old = clock.today() - dt.timedelta(days=500)
    profiles_operations.record_facts(JUDGE, [RecordedFact(firm.organisation_id, "employees", 12, old, "社保")])
    assert (_ran()["facts_recent"].checked, _ran()["facts_recent"].failed) == (1, 1)


def test_a_load_has_its_own_run_once_over_what_it_touched(firm, operator):
    _load(people.enterprise(name="他家"), sale(价税合计="9999.00"))
    load = _load(firm, sale(), sale(发票号码="2", 价税合计="1200.00"))
    jobs = ProcrastinateJob.objects.filter(task_name="quality:run_after_load", args__load_uuid=str(load.uuid))
    assert jobs.count() == 1
    found = _ran(load_uuid=load.uuid)
    assert (found["invoice_adds_up"].checked, found["invoice_adds_up"].failed) == (2, 1)
    assert operations.run(JUDGE, load_uuid=load.uuid) is None
    page = queries.rule_for(operator, "invoice_adds_up")
    assert [(point.is_whole, point.passes) for point in page.points] == [(False, False)]
    assert page.rule.lapse is None
    assert page.rule.latest is None


def test_a_rule_that_fails_lapses_with_a_deadline_and_is_mended_by_a_run_only(firm, operator):
    _load(firm, sale(), sale(发票号码="2", 价税合计="1200.00"))
    _ran()
    rule = queries.rule_for(operator, "invoice_adds_up").rule
    assert rule.lapse.state is LapseState.OPEN
    assert rule.lapse.due_at > clock.now() + dt.timedelta(days=4)
    operations.record_measure(operator, rule.lapse.uuid, "  已请  企业重新导出 ")
    mine = queries.rule_for(operator, "invoice_adds_up").rule.lapse
    assert [line.text for line in mine.lines][1:] == ["已请 企业重新导出"]
    assert mine.owner_name == operator.person_name
    colleague = people.colleague(operator, Role.OPERATOR)
    with pytest.raises(AccessDenied, match="责任人"):
        operations.record_measure(colleague, rule.lapse.uuid, "我来")
    _ran(trigger=Trigger.ASKED)
    assert queries.rule_for(operator, "invoice_adds_up").rule.lapse.uuid == rule.lapse.uuid
    operations.set_terms(
        operator, "invoice_adds_up", most_failed=Decimal("0.5"), days_to_mend=3, owner_id=None,
        valid_from=clock.today(), reason="试行期放宽至一半",
    )  # fmt: skip
    _ran()
    page = queries.rule_for(operator, "invoice_adds_up")
    assert page.rule.lapse is None
    assert [(one.state, one.lines[-1].kind_label) for one in page.lapses] == [(LapseState.MENDED, "恢复达标")]
    assert [(one.passes, one.most_failed) for one in page.points] == [
        (True, Decimal("0.5")), (False, Decimal("0.0005")), (False, Decimal("0.0005")),
    ]  # fmt: skip
    with pytest.raises(UnableToSet, match="恢复达标"):
        operations.record_measure(operator, rule.lapse.uuid, "再写")


def test_terms_count_from_their_day_and_outlive_the_pack(operator):
    tomorrow = clock.today() + dt.timedelta(days=1)
    terms = {"days_to_mend": 2, "owner_id": operator.person_id, "reason": "会议纪要第三条"}
    operations.set_terms(operator, "facts_recent", most_failed=Decimal("0.2"), valid_from=tomorrow, **terms)
    assert queries.rule_for(operator, "facts_recent").rule.most_failed == Decimal("0.05")
    assert operations.load_rules(JUDGE, "suzhou") == 0
    with clock.moved_to(clock.now() + dt.timedelta(days=1, hours=1)):
        rule = queries.rule_for(operator, "facts_recent").rule
        assert (rule.most_failed, rule.days_to_mend, rule.owner_name) == (Decimal("0.2"), 2, operator.person_name)
    assert [one.reason for one in queries.rule_for(operator, "facts_recent").terms] == [
        "会议纪要第三条", "本产品缺省值",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"most_failed": Decimal("1.1")}, "most_failed"),
        ({"days_to_mend": 0}, "days_to_mend"),
        ({"owner_id": 0}, "owner"),
        ({"valid_from": dt.date(2020, 1, 1)}, "valid_from"),
        ({"reason": "好"}, "reason"),
    ],
)
def test_terms_that_cannot_be_are_refused_beside_their_field(operator, changes, field):
    terms = {
        "most_failed": Decimal(0), "days_to_mend": 1, "owner_id": None, "valid_from": clock.today(),
        "reason": "写明依据文件",
    } | changes  # fmt: skip
    with pytest.raises(UnableToSet) as refused:
        operations.set_terms(operator, "facts_recent", **terms)
    assert refused.value.field == field


def test_others_neither_see_nor_set_nor_run(firm):
    for asked in (
        lambda: queries.rules_for(firm),
        lambda: queries.rule_for(firm, "facts_recent"),
        lambda: operations.run(firm),
        lambda: operations.ask_for_run(firm),
        lambda: operations.ask_for_run(JUDGE),
    ):
        with pytest.raises(AccessDenied):
            asked()


def test_every_run_reads_for_the_recorded_purpose_and_history_only_grows(operator):
    before = consents_queries.figures().given
    _ran()
    assert consents_queries.figures().given == before + 3  # invoices, facts, firms
    assert (queries.figures().asked, queries.figures().checked) == (0, 0)
    profiles.facts(people.enterprise().organisation_id, annual_revenue_fen=100, annual_tax_fen=90)
    _ran()
    assert (queries.figures().asked, queries.figures().holding) == (5, 2)
    with pytest.raises(DatabaseError), transactions.opened(), connection.cursor() as cursor:
        cursor.execute("UPDATE quality_rulefigure SET passes = true")


def test_a_person_may_ask_for_a_run(operator):
    assert QualityAct.RUN_ASK in queries.rules_for(operator)[0].acts
    operations.ask_for_run(operator)
    assert ProcrastinateJob.objects.filter(task_name="quality:run_asked").count() == 1
