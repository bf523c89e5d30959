"""Every signal, from what departments, platforms, files and loans say to a warning a person closes; all four grades."""

from datetime import date, timedelta

import pytest
from django.db import transaction

from factories import guarantees as made
from factories import parties as people
from factories import profiles, supplying
from factories.sources import invoice_file, sale
from finmart.centres.data.profiles import operations as profiles_operations
from finmart.centres.data.sources import operations as sources_operations
from finmart.centres.data.sources.types import BatchState
from finmart.centres.governance.warnings import operations, queries
from finmart.centres.governance.warnings.models import RaisedWarning
from finmart.centres.governance.warnings.types import Grade, SignalCode, WarningState
from finmart.centres.technical.notices import queries as notices_queries
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.centres.technical.parameters.types import Unit
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import Role
from finmart.kit import clock
from finmart.kit.actor import Actor

SCANNER = Actor.of_system("warnings")
pytestmark = [pytest.mark.django_db, pytest.mark.clause("D5")]
# Signal → feed, and by grade (the worst first) the values of the columns one firm is supplied with.
SUPPLIED = {
    SignalCode.TAX_DROP: ("tax", [
        {"annual_tax": f"{left}.00", "previous_annual_tax": "1000.00"} for left in (200, 400, 600, 700)
    ]),
    SignalCode.UTILITY_DROP: ("utilities", [
        {"electricity": left, "electricity_previous": 1000} for left in (200, 400, 600, 700)
    ]),
    SignalCode.LITIGATION: ("court", [{"cases": cases} for cases in (10, 5, 3, 2)]),
    SignalCode.LEGAL_PERSON: ("registry", [{"legal_person_changes": times} for times in (4, 3, 2, 1)]),
    SignalCode.QUERY_GAP: ("credit_platform", [{"queries": times, "guaranteed": value} for times, value in (
        (15, "400.00"), (10, "200.00"), (6, "150.00"), (4, "100.00"))]),
}  # fmt: skip
BELOW = {
    "tax": {"annual_tax": "710.00", "previous_annual_tax": "1000.00"},
    "utilities": {"electricity": 710, "electricity_previous": 1000},
    "court": {"cases": 1}, "registry": {"legal_person_changes": 0},
    "credit_platform": {"queries": 3, "guaranteed": "99.00"},
}  # fmt: skip


def _graded():
    """Return the open warnings as (signal, firm) → grade."""
    rows = RaisedWarning.objects.filter(state=WarningState.OPEN).select_related("firm")
    return {(SignalCode(row.signal), row.firm_id): Grade(row.grade) for row in rows}


def test_what_departments_supply_raises_each_signal_in_each_grade_and_nothing_below():
    operator = people.operator()
    firms = [people.enterprise(name=f"{grade.label}企业") for grade in Grade]
    calm, silent = people.enterprise(name="平稳企业"), people.enterprise(name="无数据企业")
    codes = {one: parties_queries.organisation(one.organisation_id).credit_code for one in [*firms, calm]}
    for feed, rows in SUPPLIED.values():
        records = [supplying.record(feed, codes[firm], **row) for firm, row in zip(firms, rows, strict=True)]
        batch = supplying.batch(feed, *records, supplying.record(feed, codes[calm], **BELOW[feed]))
        assert batch.state == BatchState.LOADED, batch.message
    for one in [*firms, calm]:
        profiles.facts(one.organisation_id, net_assets_fen=100_00)  # a hundred yuan
    operations.scan(SCANNER)
    found = _graded()
    for signal in [*SUPPLIED, SignalCode.GUARANTEES]:
        assert [found.get((signal, one.organisation_id)) for one in firms] == list(Grade), signal
        assert (signal, calm.organisation_id) not in found, signal
    assert not any(firm == silent.organisation_id for _, firm in found)
    shown = {(row.signal_label, row.grade): row for row in queries.warnings_for(operator)}
    assert shown["纳税额骤降", Grade.RED].evidence == "近12个月纳税额同比下降 80%"
    assert shown["对外担保过高", Grade.ORANGE].evidence == "对外保证余额为净资产（或注册资本）的 2 倍"
    calendar = parameters_queries.working_calendar()
    for (_, grade), row in shown.items():
        days = {Grade.RED: 1, Grade.ORANGE: 3, Grade.YELLOW: 5, Grade.BLUE: 10}[grade]
        assert row.action
        due = calendar.add(row.raised_at, days, Unit.WORKING_DAYS)
        assert abs(row.due_at - due) < timedelta(seconds=30), (grade, row.due_at)


def test_an_invoice_collapse_and_an_overdue_loan_rise_through_the_grades():
    operator = made.town()
    months = [f"{2018 + place // 12}-{place % 12 + 1:02d}" for place in range(24)]
    firms = {}
    for left, grade in zip((99, 299, 499, 699), Grade, strict=True):
        firms[grade] = people.enterprise(name=f"{grade.label}开票")
        rows = [
            sale(发票号码=str(place), 开票日期=f"{month}-15", 金额=f"{yuan}.00", 税额="0.00", 价税合计=f"{yuan}.00")
            for place, month in enumerate(months) for yuan in [1000 if place < 21 else left]
        ]  # fmt: skip
        firm = firms[grade].organisation_id
        sources_operations.load_invoices(people.SYSTEM, invoice_file(*rows), organisation_id=firm)
    profiles_operations.compute(people.SYSTEM, [one.organisation_id for one in firms.values()], date(2020, 1, 20))
    operations.scan(SCANNER)
    found = _graded()
    assert [found.get((SignalCode.SALES_DROP, one.organisation_id)) for one in firms.values()] == list(Grade)
    now = clock.now()
    with clock.moved_to(now + timedelta(days=400)), transaction.atomic():
        operations.scan(SCANNER)
        late = max(
            int(row.evidence.removeprefix("最长逾期 ").removesuffix(" 天"))
            for row in queries.warnings_for(operator) if row.signal_label == "贷款逾期"
        )  # fmt: skip
        transaction.set_rollback(True)  # only asked when the first instalment is due
    due = now + timedelta(days=400 - late)
    for days, grade in ((1, Grade.BLUE), (9, Grade.BLUE), (10, Grade.YELLOW), (30, Grade.ORANGE), (90, Grade.RED)):
        with clock.moved_to(due + timedelta(days=days)):
            operations.scan(SCANNER)
            grades = {one for (signal, _), one in _graded().items() if signal is SignalCode.OVERDUE}
            assert grade in grades, (days, grades)


def test_a_supplied_signal_is_told_of_taken_reminded_of_reported_and_lifted_with_a_reason():
    operator = people.operator()
    chief = people.colleague(operator, Role.OPERATOR_ADMINISTRATOR)
    firm = people.enterprise(name="吴门精工")
    code = parties_queries.organisation(firm.organisation_id).credit_code
    supplying.batch("tax", supplying.record("tax", code, annual_tax="300.00", previous_annual_tax="1000.00"))
    operations.scan(SCANNER)
    warning = next(row for row in queries.warnings_for(operator) if row.signal_label == "纳税额骤降")
    assert warning.grade is Grade.ORANGE

    def told(person):
        return [notice.title for notice in notices_queries.notices_for(person)]

    assert any(title.startswith("风险预警") for title in told(operator))
    operations.take(operator, warning.uuid)
    with clock.moved_to(warning.due_at - timedelta(hours=7)):
        operations.watch_deadlines(SCANNER)
        assert "预警处置期限将至" in told(operator)
    with clock.moved_to(warning.due_at + timedelta(minutes=1)):
        operations.watch_deadlines(SCANNER)
        assert "预警处置已逾期" in told(chief)
    operations.record_action(operator, warning.uuid, "走访企业，系增值税留抵退税所致")
    operations.lift(operator, warning.uuid, "经核实为退税，经营正常")
    view = queries.warning_for(operator, warning.uuid)
    assert (view.state, view.lift_reason) == (WarningState.LIFTED, "经核实为退税，经营正常")
    assert [line.kind_label for line in view.lines] == ["发出", "认领", "到期提醒", "逾期上报", "处置", "解除"]
