"""Warnings: raised by rule, graded, taken, acted on, lifted with a reason; missing is never zero."""

import json
from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest
from django.db import DatabaseError, transaction
from hypothesis import given
from hypothesis import strategies as st

from factories import guarantees as made
from factories import parties as people
from factories.sources import invoice_file, sale
from finmart.centres.data.profiles import operations as profiles_operations
from finmart.centres.data.profiles.types import FACT_TYPES, RecordedFact
from finmart.centres.data.sources import operations as sources_operations
from finmart.centres.governance.warnings import operations, queries
from finmart.centres.governance.warnings.models import RaisedWarning, WarningLine
from finmart.centres.governance.warnings.queries.watching import thresholds
from finmart.centres.governance.warnings.rules import measures, signals
from finmart.centres.governance.warnings.types import (
    DeadlineRun,
    Grade,
    SignalCode,
    UnableToHandle,
    WarningFilter,
    WarningsAct,
    WarningState,
)
from finmart.centres.technical.audit import queries as audit_queries
from finmart.centres.technical.notices import queries as notices_queries
from finmart.centres.technical.parties.types import Role
from finmart.config import figures
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, Conflict, NotFound

SCANNER = Actor.of_system("warnings")
LEVELS = {Grade.RED: Decimal(4), Grade.ORANGE: Decimal(2), Grade.YELLOW: Decimal("1.5"), Grade.BLUE: Decimal(1)}


@pytest.mark.parametrize(
    ("value", "grade"),
    [(None, None), ("0.99", None), ("1", "BLUE"), ("1.5", "YELLOW"), ("2", "ORANGE"), ("4", "RED"), ("99", "RED")],
)
def test_a_number_has_a_grade_and_a_missing_one_has_none(value, grade):
    assert signals.grade_of(None if value is None else Decimal(value), LEVELS) == grade


def _measured(**known):
    """Return signal → value of one firm of which only this is known; ``x__on`` and ``x__before`` go with ``x``."""
    today = date(2026, 11, 20)
    columns = {"organisation_id": [1]}
    types = {"organisation_id": pl.Int64}
    for fact in measures.FACTS:
        for column, value, kind in (
            (fact, known.get(fact), pl.String if fact == "monthly_sales" else pl.Float64),
            (f"{fact}:on", known.get(f"{fact}__on", today), pl.Date),
            (f"{fact}:before", known.get(f"{fact}__before"), pl.Float64),
        ):
            columns[column], types[column] = [value], kind
    for own in (measures.OVERDUE_DAYS, measures.GUARANTEED, measures.ASKED):
        columns[own], types[own] = [known.get(own)], pl.Float64
    columns[measures.GRANTED], types[measures.GRANTED] = [known.get(measures.GRANTED)], pl.Boolean
    table = measures.without_old(pl.DataFrame(columns, schema=types), ["annual_tax_fen"], today, 200)
    (row,) = measures.measured(table).to_dicts()
    return {code: value for code, value in row.items() if value is not None and code != "organisation_id"}


@given(st.lists(st.integers(-(10**6), 10**12), max_size=30))
def test_a_drop_of_sales_is_a_share_or_not_known(sales):
    months = [(f"{2020 + place // 12}-{place % 12 + 1:02d}", fen) for place, fen in enumerate(sales)]
    found = signals.sales_drop(months)
    if len(sales) < 15 or sum(sales[-15:-12]) <= 0:
        assert found is None
    else:
        assert found == pytest.approx(Decimal(1) - Decimal(sum(sales[-3:])) / sum(sales[-15:-12]), abs=Decimal("1e-6"))
    at_once = _measured(monthly_sales=json.dumps(months)).get("SALES_DROP")
    assert at_once == (None if found is None else pytest.approx(float(found), rel=1e-9, abs=2e-6))


@pytest.mark.clause("D5")
@pytest.mark.parametrize(
    ("known", "found"),
    [
        ({}, {}),
        ({"annual_tax_fen": 40.0}, {}),
        ({"annual_tax_fen": 40.0, "previous_annual_tax_fen": 100.0}, {"TAX_DROP": 0.6}),
        ({"annual_tax_fen": 0.0, "previous_annual_tax_fen": 100.0}, {"TAX_DROP": 1.0}),
        ({"annual_tax_fen": 40.0, "previous_annual_tax_fen": 0.0}, {}),
        # Two numbers of different days are no like periods; what was known a year ago is.
        (
            {"annual_tax_fen": 40.0, "previous_annual_tax_fen": 100.0,
             "previous_annual_tax_fen__on": date(2026, 6, 1)},
            {},
        ),
        (
            {"annual_tax_fen": 40.0, "previous_annual_tax_fen": 100.0,
             "previous_annual_tax_fen__on": date(2026, 6, 1), "annual_tax_fen__before": 80.0},
            {"TAX_DROP": 0.5},
        ),
        ({"annual_tax_fen": 40.0, "annual_tax_fen__on": date(2026, 1, 1), "previous_annual_tax_fen": 100.0,
          "previous_annual_tax_fen__on": date(2026, 1, 1)}, {}),  # a source silent since January says nothing
        ({"electricity_kwh": 20.0, "previous_electricity_kwh": 100.0}, {"UTILITY_DROP": 0.8}),
        ({"insured_employees": 9.0, "insured_employees_year_ago": 12.0}, {"HEADCOUNT_DROP": 0.25}),
        ({"customer_count": 6.0, "customer_count__before": 10.0}, {"CUSTOMER_LOSS": 0.4}),
        ({"guaranteed_fen": 200.0}, {}),
        ({"guaranteed_fen": 200.0, "registered_capital_fen": 100.0}, {"GUARANTEES": 2.0}),
        ({"guaranteed_fen": 200.0, "registered_capital_fen": 100.0, "net_assets_fen": 50.0}, {"GUARANTEES": 4.0}),
        ({"guaranteed_fen": 200.0, "net_assets_fen": -50.0}, {"GUARANTEES": 200.0}),
        ({"guaranteed_fen": 0.0, "registered_capital_fen": 100.0}, {}),
        ({"guaranteed_fen": 100.0, measures.GUARANTEED: 300.0, "registered_capital_fen": 100.0}, {"GUARANTEES": 3.0}),
        ({"credit_queries": 7.0}, {"QUERY_GAP": 7.0}),
        ({"credit_queries": 7.0, measures.ASKED: 9.0, measures.GRANTED: False}, {"QUERY_GAP": 9.0}),
        ({"credit_queries": 7.0, measures.ASKED: 9.0, measures.GRANTED: True}, {}),
        ({"is_dishonest_debtor": 0.0}, {"DISHONEST": 0.0}),
        ({"legal_person_changes": 2.0, "tax_arrears_fen": 5e6}, {"LEGAL_PERSON": 2.0, "TAX_ARREARS": 5e6}),
    ],
)  # fmt: skip
def test_signals_are_measured_from_facts_and_what_is_missing_gives_none(known, found):
    assert _measured(**known) == pytest.approx(found)


def test_every_signal_has_a_measure_and_known_facts():
    assert set(measures.MEASURES) == set(signals.SIGNALS) == set(SignalCode)
    assert set(measures.FACTS) <= set(FACT_TYPES)


@pytest.fixture
def operator(db):
    return made.town()


def _scan():
    return operations.scan(SCANNER)


def _only(operator, label):
    return next(row for row in queries.warnings_for(operator) if row.signal_label == label)


@pytest.mark.clause("D5")
def test_a_scan_raises_once_by_the_settings(operator):
    assert thresholds()[SignalCode.GUARANTEES][Grade.ORANGE] == 2
    first = _scan()
    # 乙 has guaranteed 100 + 20 against 80 (1.5 times), 甲 50 against 500, nobody else for anybody.
    assert (first.raised, first.regraded) == (1, 0)
    warning = _only(operator, "对外担保过高")
    assert (warning.firm_name, warning.grade) == ("乙方机电", Grade.YELLOW)
    assert warning.evidence == "对外保证余额为净资产（或注册资本）的 1.5 倍"
    assert clock.now() < warning.due_at < clock.now() + timedelta(days=20)
    assert warning.owner_name == ""
    again = _scan()
    assert (again.raised, again.regraded) == (0, 0)
    assert [line.kind_label for line in _only(operator, "对外担保过高").lines] == ["发出"]


@pytest.mark.clause("D5")
def test_what_gets_worse_is_regraded_and_nothing_goes_away_by_itself(operator):
    _scan()
    with clock.moved_to(clock.now() + timedelta(days=400)):
        worse = _scan()
        assert worse.judged["OVERDUE"] == 4
        assert {row.grade for row in queries.warnings_for(operator) if row.signal_label == "贷款逾期"} <= {
            Grade.ORANGE, Grade.YELLOW,
        }  # fmt: skip
        assert queries.warnings_for(operator)[0].grade is Grade.ORANGE
    firm = RaisedWarning.objects.get(signal=SignalCode.GUARANTEES).firm_id
    profiles_operations.record_facts(
        people.SYSTEM, [RecordedFact(firm, "registered_capital_fen", 10_000_000, clock.today(), "测试")]
    )
    assert _scan().regraded == 1
    warning = _only(operator, "对外担保过高")
    assert warning.grade is Grade.RED
    assert [line.kind_label for line in warning.lines] == ["发出", "调整等级"]
    profiles_operations.record_facts(
        people.SYSTEM, [RecordedFact(firm, "registered_capital_fen", 10**12, clock.today(), "测试")]
    )
    assert _scan().regraded == 0
    assert _only(operator, "对外担保过高").grade is Grade.RED


@pytest.mark.clause("D5")
def test_taken_acted_on_and_lifted_with_a_reason(operator):
    _scan()
    uuid = _only(operator, "对外担保过高").uuid
    colleague = people.colleague(operator, Role.OPERATOR)
    with pytest.raises(AccessDenied):
        operations.record_action(operator, uuid, "电话核实")
    operations.take(operator, uuid)
    operations.take(operator, uuid)
    with pytest.raises(Conflict):
        operations.take(colleague, uuid)
    assert queries.warning_for(operator, uuid).acts == {
        WarningsAct.WARNING_ACT, WarningsAct.WARNING_ASSIGN, WarningsAct.WARNING_LIFT, WarningsAct.WARNING_UPGRADE,
    }  # fmt: skip
    with pytest.raises(UnableToHandle, match="尚未登记"):
        operations.lift(operator, uuid, "担保已经全部解除")
    for nothing in ("", "  ", "长" * 501):
        with pytest.raises(UnableToHandle):
            operations.record_action(operator, uuid, nothing)
    operations.record_action(operator, uuid, "电话核实，担保贷款正常还本付息")
    with pytest.raises(UnableToHandle):
        operations.lift(operator, uuid, "好了")
    with pytest.raises(AccessDenied):
        operations.lift(colleague, uuid, "担保已经全部解除")
    operations.lift(operator, uuid, "担保已经全部解除")
    view = queries.warning_for(operator, uuid)
    assert (view.state, view.lift_reason, view.acts) == (WarningState.LIFTED, "担保已经全部解除", frozenset())
    assert [line.kind_label for line in view.lines] == ["发出", "认领", "处置", "解除"]
    assert [row.uuid for row in queries.warnings_for(operator, WarningFilter(state=WarningState.LIFTED))] == [uuid]
    with pytest.raises(UnableToHandle, match="已解除"):
        operations.record_action(operator, uuid, "再看看")
    assert _scan().raised == 1  # the signal is still there: a new warning, the old one keeps its history


@pytest.mark.clause("D5")
def test_a_red_one_takes_another_pair_of_eyes(operator):
    _scan()
    RaisedWarning.objects.update(grade=Grade.RED)
    uuid = _only(operator, "对外担保过高").uuid
    operations.take(operator, uuid)
    operations.record_action(operator, uuid, "已走访企业")
    with pytest.raises(AccessDenied):
        operations.lift(operator, uuid, "担保已经全部解除")
    operations.lift(people.colleague(operator, Role.OPERATOR), uuid, "复核属实，担保已经全部解除")
    assert queries.counts_for(operator) == dict.fromkeys(Grade, 0)


def _told(person):
    return [notice.title for notice in notices_queries.notices_for(person)]


@pytest.mark.clause("D5")
def test_a_warning_is_handed_on_and_called_worse_with_a_reason(operator):
    _scan()
    uuid = _only(operator, "对外担保过高").uuid
    colleague = people.colleague(operator, Role.OPERATOR)
    stranger, chief = people.operator(), people.colleague(operator, Role.OPERATOR_ADMINISTRATOR)
    with pytest.raises(AccessDenied):
        operations.assign(operator, uuid, colleague.person_id, "休假期间代管")
    operations.take(operator, uuid)
    for person, reason in (
        (stranger.person_id, "交由他人处置"),
        (operator.person_id, "交给自己"),
        (colleague.person_id, "短"),
    ):
        with pytest.raises(UnableToHandle):
            operations.assign(operator, uuid, person, reason)
    operations.assign(operator, uuid, colleague.person_id, "休假期间代管")
    assert "有预警转派给您" in _told(colleague)
    with pytest.raises(AccessDenied):
        operations.record_action(operator, uuid, "电话核实")
    due = queries.warning_for(colleague, uuid).due_at
    for grade in (Grade.YELLOW, Grade.BLUE):
        with pytest.raises(UnableToHandle, match="更高"):
            operations.upgrade(colleague, uuid, grade, "实际控制人失联")
    with pytest.raises(AccessDenied):
        operations.upgrade(operator, uuid, Grade.RED, "实际控制人失联")
    operations.upgrade(colleague, uuid, Grade.RED, "实际控制人失联")
    view = queries.warning_for(chief, uuid)
    assert (view.grade, view.owner_name) == (Grade.RED, "张三")
    assert view.due_at < due
    assert "红色预警：对外担保过高" in _told(colleague)
    assert [line.kind_label for line in view.lines] == ["发出", "认领", "转派", "人工升级"]
    operations.assign(chief, uuid, operator.person_id, "由原认领人继续处置")
    assert _scan().regraded == 0


@pytest.mark.clause("D5")
def test_deadlines_are_reminded_of_and_reported_once_each(operator):
    chief = people.colleague(operator, Role.OPERATOR_ADMINISTRATOR)
    assert _scan().raised == 1
    assert "风险预警：黄色 1 条" in _told(operator)
    warning = _only(operator, "对外担保过高")
    run = operations.watch_deadlines
    assert run(SCANNER) == DeadlineRun(0, 0)
    with clock.moved_to(warning.due_at - timedelta(hours=7)):
        assert run(SCANNER) == DeadlineRun(1, 0)
        assert run(SCANNER) == DeadlineRun(0, 0)
        assert _told(operator)[0] == "预警处置期限将至"  # nobody has taken it: all of the role are told
        assert not queries.warning_for(operator, warning.uuid).is_late
    with clock.moved_to(warning.due_at + timedelta(minutes=1)):
        assert run(SCANNER) == DeadlineRun(0, 1)
        assert run(SCANNER) == DeadlineRun(0, 0)
        assert _told(chief)[0] == _told(operator)[0] == "预警处置已逾期"
        assert queries.warning_for(operator, warning.uuid).is_late
    view = queries.warning_for(operator, warning.uuid)
    assert [line.kind_label for line in view.lines] == ["发出", "到期提醒", "逾期上报"]
    with pytest.raises(AccessDenied):
        run(operator)


@pytest.mark.clause("D5")
def test_the_table_of_rules_says_what_is_watched(operator):
    rows = {row.code: row for row in queries.rules_for(operator)}
    assert set(rows) == set(SignalCode)
    assert rows[SignalCode.TAX_DROP].facts == ("近12个月纳税额", "再前12个月纳税额")
    assert rows[SignalCode.TAX_DROP].thresholds[0] == (Grade.RED, "80")
    for one in rows.values():
        values = [Decimal(value) for _, value in one.thresholds]
        assert values[0] > 0
        if one.code not in {SignalCode.ABNORMAL, SignalCode.DISHONEST}:
            assert values == sorted(values, reverse=True)


@pytest.mark.clause("D5")
@pytest.mark.django_db
def test_what_departments_supply_is_watched_and_silence_says_nothing():
    firm, silent = people.enterprise(name="吴门精工"), people.enterprise(name="无数据企业")
    supplied = {
        "annual_tax_fen": 30,
        "previous_annual_tax_fen": 100,
        "is_dishonest_debtor": True,
        "is_listed_abnormal": False,
    }
    facts = [RecordedFact(firm.organisation_id, code, value, clock.today(), "测试") for code, value in supplied.items()]
    profiles_operations.record_facts(people.SYSTEM, facts)
    profiles_operations.record_facts(
        people.SYSTEM, [RecordedFact(silent.organisation_id, "registered_capital_fen", 100, clock.today(), "测试")]
    )
    assert _scan().raised == 2
    found = {
        (row.firm_name, row.signal_label, row.grade, row.evidence) for row in queries.warnings_for(people.operator())
    }
    assert found == {
        ("吴门精工", "列为失信被执行人", Grade.RED, "列入失信被执行人名单"),
        ("吴门精工", "纳税额骤降", Grade.ORANGE, "近12个月纳税额同比下降 70%"),
    }


def test_strangers_see_and_do_nothing_and_history_stays(operator):
    _scan()
    uuid = _only(operator, "对外担保过高").uuid
    for stranger in (people.enterprise(), people.bank(), people.person()):
        for asked in (
            queries.warnings_for, lambda who: queries.warning_for(who, uuid), operations.scan,
            lambda who: operations.take(who, uuid), lambda who: operations.lift(who, uuid, "没有问题了"),
        ):  # fmt: skip
            with pytest.raises(AccessDenied):
                asked(stranger)
    with pytest.raises(AccessDenied):
        operations.scan(operator)
    with pytest.raises(NotFound):
        queries.warning_for(operator, people.organisation().uuid)
    with pytest.raises(DatabaseError), transaction.atomic():
        WarningLine.objects.update(text="改写")
    assert audit_queries.verify().ok


def _sold(firm, yuan_by_month):
    rows = [
        sale(发票号码=str(place), 开票日期=f"{month}-15", 金额=f"{yuan}.00", 税额="0.00", 价税合计=f"{yuan}.00")
        for place, (month, yuan) in enumerate(yuan_by_month.items())
    ]
    sources_operations.load_invoices(people.SYSTEM, invoice_file(*rows), organisation_id=firm.organisation_id)
    profiles_operations.compute(people.SYSTEM, [firm.organisation_id], date(2020, 1, 20))


@pytest.mark.clause("D5")
@pytest.mark.django_db
def test_falling_sales_are_read_from_invoices_and_a_short_history_says_nothing():
    months = [f"{2018 + place // 12}-{place % 12 + 1:02d}" for place in range(24)]
    falling, young = people.enterprise(name="下行企业"), people.enterprise(name="新办企业")
    _sold(falling, {month: 1000 if place < 21 else 200 for place, month in enumerate(months)})
    _sold(young, {month: 1000 if place < 11 else 1 for place, month in enumerate(months[12:])})
    result = _scan()
    assert result.judged["SALES_DROP"] == 1
    (warning,) = queries.warnings_for(people.operator())
    assert (warning.firm_name, warning.grade) == ("下行企业", Grade.ORANGE)
    assert warning.evidence == "最近3个月开票净销售额同比下降 80%"
    told = figures.warnings_handled()
    assert told.startswith("1 条预警处置中（0 条已过期限），0 条附理由解除；6 个应急预案，应急 0 起处置中、0 起已结束")
