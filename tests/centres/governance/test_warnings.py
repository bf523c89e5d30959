"""Warnings: raised by rule, graded, taken, acted on, lifted with a reason; missing is never zero."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from hypothesis import given
from hypothesis import strategies as st

from factories import guarantees as made
from factories import parties as people
from factories.sources import invoice_file, sale
from finmart.centres.data.profiles import operations as profiles_operations
from finmart.centres.data.profiles.types import RecordedFact
from finmart.centres.data.sources import operations as sources_operations
from finmart.centres.governance.warnings import operations, queries
from finmart.centres.governance.warnings.models import RaisedWarning, WarningLine
from finmart.centres.governance.warnings.queries.watching import thresholds
from finmart.centres.governance.warnings.rules import signals
from finmart.centres.governance.warnings.types import Grade, SignalCode, UnableToHandle, WarningsAct, WarningState
from finmart.centres.technical.audit import queries as audit_queries
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


@given(st.lists(st.integers(0, 10**12), max_size=30))
def test_a_drop_of_sales_is_a_share_or_not_known(sales):
    months = [(f"{2020 + place // 12}-{place % 12 + 1:02d}", fen) for place, fen in enumerate(sales)]
    found = signals.sales_drop(months)
    if len(sales) < 15 or sum(sales[-15:-12]) <= 0:
        assert found is None
    else:
        assert found == pytest.approx(Decimal(1) - Decimal(sum(sales[-3:])) / sum(sales[-15:-12]), abs=Decimal("1e-6"))


def test_guarantees_against_capital():
    assert signals.guarantees_to_capital(200, None) is None
    assert signals.guarantees_to_capital(0, 100) is None
    assert signals.guarantees_to_capital(200, 100) == 2
    assert signals.guarantees_to_capital(200, 0) == 200


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
    assert warning.evidence == "对外保证余额为注册资本的 1.5 倍"
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
    assert queries.warning_for(operator, uuid).acts == {WarningsAct.WARNING_ACT, WarningsAct.WARNING_LIFT}
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
    assert [row.uuid for row in queries.warnings_for(operator, state=WarningState.LIFTED)] == [uuid]
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
    assert figures.warnings_handled() == "1 条预警处置中（0 条已过期限），0 条附理由解除"
