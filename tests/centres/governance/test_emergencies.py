"""Plans as versioned data; proposals by rule, once; drills due and reminded of; drill and real never mixed."""

import copy
import threading
import tomllib
from datetime import date, timedelta
from importlib import resources

import pytest
from django.db import DatabaseError, connection, transaction

from factories import emergencies as factory
from factories import guarantees as made
from factories import parties as people
from factories import profiles, supplying
from finmart.centres.data.sources import operations as sources_operations
from finmart.centres.governance.emergencies import operations, queries
from finmart.centres.governance.emergencies.models import PlanVersion, Proposal
from finmart.centres.governance.emergencies.queries.reading import plan_of
from finmart.centres.governance.emergencies.rules import plans, triggers
from finmart.centres.governance.emergencies.types import Level, Party, UnableToRecord, UnableToStart
from finmart.centres.governance.warnings import operations as warnings_operations
from finmart.centres.technical.notices import queries as notices_queries
from finmart.centres.technical.parties.types import Role
from finmart.journeys.governance.emergency import start as journey
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

WATCHER = Actor.of_system("emergencies")
PACK = tomllib.loads((resources.files("finmart") / "packs/suzhou/emergency.toml").read_text(encoding="utf-8"))


def _body(place=0):
    return {**{key: PACK[key] for key in ("levels", "source", "example")}, **copy.deepcopy(PACK["plans"][place])}


@pytest.mark.clause("D5")
@pytest.mark.parametrize("place", range(len(PACK["plans"])))
def test_every_plan_has_levels_steps_deadlines_and_words(place):
    plan = plans.read(_body(place), version=1, adopted_on=date(2026, 1, 1))
    assert [one.level for one in plan.levels] == list(Level)
    assert plan.is_example
    assert plan.source == "本产品缺省值"
    assert plan.wording_for(Party.REGULATOR)
    assert plan.wording_for(Party.INSTITUTION)
    for step in plan.steps:
        hours = list(step.hours.values())
        assert hours == sorted(hours)  # the graver, the sooner


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body.update(meanings=["一", "二"]),
        lambda body: body["steps"][0].update(hours=[1, 2, 3]),
        lambda body: body["steps"][0].update(hours=[0, 2, 3, 4]),
        lambda body: body["steps"][0].update(by="NOBODY"),
        lambda body: body["steps"][1].update(code=body["steps"][0]["code"]),
        lambda body: body["wordings"][0].update(text="请于 {whenever} 前反馈"),
        lambda body: body["wordings"][0].update(title="{0}"),
    ],
)
def test_a_plan_that_cannot_be_right_is_refused(spoil):
    body = _body()
    spoil(body)
    with pytest.raises(ValueError, match=r".+"):
        plans.read(body, version=1, adopted_on=date(2026, 1, 1))


@pytest.mark.clause("D5")
@pytest.mark.django_db
def test_plans_are_adopted_once_and_a_version_never_changes():
    assert operations.adopt_plans(WATCHER, "suzhou") == 0
    assert PlanVersion.objects.count() == len(PACK["plans"])
    by = factory.staff()
    running = factory.started(by)
    changed = {**_body(), "title": "企业集中违约（修订）"}
    PlanVersion.objects.create(
        code=changed["code"], version=2, body=changed, sha256="0" * 64, adopted_at=clock.now()
    )  # fmt: skip
    assert queries.emergency_for(by.operator, running.uuid).plan.title == "企业集中违约"
    (row,) = [one for one in queries.plan_rows_for(by.operator) if one.plan.code == "default_cluster"]
    assert (row.plan.version, row.plan.title) == (2, "企业集中违约（修订）")
    assert operations.adopt_plans(WATCHER, "suzhou") == 1  # the pack's words come back as a third version
    with pytest.raises(DatabaseError), transaction.atomic():
        PlanVersion.objects.update(version=9)
    with pytest.raises(NotFound):
        operations.adopt_plans(WATCHER, "atlantis")
    with pytest.raises(AccessDenied):
        operations.adopt_plans(by.operator, "suzhou")
    assert plan_of(PlanVersion.objects.get(code="default_cluster", version=1)).version == 1


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (triggers.of_red([("1", "吴中区")] * 2, 3), []),
        (triggers.of_red([("1", "吴中区")] * 3 + [("2", "姑苏区")], 3), [("1", "III")]),
        (triggers.of_red([("1", "吴中区")] * 6, 3), [("1", "II")]),
        (triggers.of_red([("", "")] * 6, 3), []),
        (triggers.of_circles([["b", "a"], ["c", "d"]], {"a": "甲"}), [("a", "III")]),
        (triggers.of_circles([], {"a": "甲"}), []),
        (triggers.of_stress(0.19, 3, 0.2), []),
        (triggers.of_stress(0.2, 3, 0.2), [("ALL", "II")]),
        (triggers.of_stress(0.4, 3, 0.2), [("ALL", "I")]),
        (triggers.of_stress(0.4, 0, 0.2), []),
        (triggers.of_outages([], 2), []),
        (triggers.of_outages([("tax", "税务", "停"), ("court", "法院", "停")], 3), [("tax", "III"), ("court", "III")]),
        (triggers.of_outages([("tax", "税务", "停"), ("court", "法院", "停")], 2), [("ALL", "II")]),
    ],
)
def test_triggers(found, expected):
    assert [(one.subject, one.level) for one in found] == expected


@pytest.mark.clause("D5")
@pytest.mark.django_db
def test_red_warnings_circles_and_stress_propose_once_and_people_decide():
    operator = made.town()
    assert operations.propose(WATCHER) == 0
    names = {"甲方精密", "乙方机电"}
    for firm in warnings_firms(names):
        profiles.facts(firm, litigation_count=10)
    extra = made.firm("戊方机械")
    profiles.facts(extra.organisation_id, litigation_count=12)
    warnings_operations.scan(WATCHER)
    # Three red firms in 吴中区; 甲 and 乙 form a circle; together they owe 150 of 180 万元.
    assert operations.propose(WATCHER) == 3
    assert operations.propose(WATCHER) == 0
    found = {one.plan_code: one for one in queries.proposals_for(operator)}
    assert found.keys() == {"default_cluster", "guarantee_circle", "systemic_stress"}
    assert "吴中区有 3 家企业处于红色预警" in found["default_cluster"].evidence
    assert sum("请研判是否启动应急" in one.title for one in notices_queries.notices_for(operator)) == 3
    dismissed, started = found["guarantee_circle"], found["default_cluster"]
    with pytest.raises(UnableToRecord):
        operations.dismiss(operator, dismissed.uuid, "无")
    operations.dismiss(operator, dismissed.uuid, "担保已经置换，风险可控")
    words = {
        "plan_code": "default_cluster",
        "level": Level.III,
        "title": "吴中区集中违约",
        "summary": "三家企业红色预警",
    }
    with pytest.raises(UnableToStart, match="演练"), transactions.opened():
        journey.start(operator, **words, is_drill=True, proposal_uuid=started.uuid)
    with transactions.opened():
        journey.start(operator, **words, is_drill=False, proposal_uuid=started.uuid)
    with pytest.raises(NotFound), transactions.opened():
        journey.start(operator, **words, is_drill=False, proposal_uuid=started.uuid)
    # What runs is not proposed again; what was dismissed and is still so, is: somebody looks at it again.
    assert operations.propose(WATCHER) == 1
    for stranger in (operator, people.bank()):
        with pytest.raises(AccessDenied):
            operations.propose(stranger)


@pytest.mark.clause("D5")
@pytest.mark.django_db
def test_a_source_that_is_down_proposes_its_plan_at_once_and_once():
    operator = people.operator()
    _fails("tax", times=2)
    assert queries.proposals_for(operator) == []
    _fails("tax", times=1)
    (found,) = queries.proposals_for(operator)
    assert (found.plan_code, found.level) == ("source_outage", Level.III)
    assert "取数失败 3 次：没有应答" in found.evidence
    told = [one.title for one in notices_queries.notices_for(operator)]
    assert sum("请研判是否启动应急：数据来源中断" in title for title in told) == 1
    _fails("tax", times=1)
    assert operations.propose(WATCHER) == 0
    supplying.due_again("court")
    with transactions.opened():  # its columns are others by now: it stops, and that is an outage too
        run = sources_operations.begin_run(supplying.FEEDER, "court")
        assert not sources_operations.keep_to_columns(supplying.FEEDER, run, [("other", "TEXT")])
    assert len(queries.proposals_for(operator)) == 2
    _fails("utilities", times=3)
    assert "3 个数据来源同时中断" in queries.proposals_for(operator)[0].evidence
    with pytest.raises(AccessDenied):
        operations.propose_outages(operator)


@pytest.mark.clause("D5")
def test_sources_that_fail_in_the_same_moment_propose_once(committed_database):
    codes = ("tax", "court", "utilities", "patents")
    for code in codes:
        _fails(code, times=2)
    starting, troubles = threading.Barrier(len(codes)), []

    def fail(code):
        try:
            with transactions.opened():
                run = sources_operations.begin_run(supplying.FEEDER, code)
                starting.wait(20)
                sources_operations.fail_run(supplying.FEEDER, run, "没有应答")
        except DatabaseError as trouble:
            troubles.append(trouble)
        finally:
            connection.close()

    for code in codes:
        supplying.due_again(code)
    workers = [threading.Thread(target=fail, args=[code]) for code in codes]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(20)
    assert troubles == []
    found = [one.subject for one in Proposal.objects.all()]
    assert found.count("ALL") == 1
    assert len(found) == len(set(found))


def _fails(code, *, times):
    for _ in range(times):
        supplying.due_again(code)
        with transactions.opened():
            run = sources_operations.begin_run(supplying.FEEDER, code)
            sources_operations.fail_run(supplying.FEEDER, run, "没有应答")


def warnings_firms(names):
    from finmart.centres.technical.parties.models import Organisation

    return Organisation.objects.filter(name__in=names).values_list("pk", flat=True)


@pytest.mark.clause("D5")
@pytest.mark.django_db
def test_a_drill_is_due_yearly_and_reminded_of_once_a_month():
    operator = people.operator(Role.OPERATOR_ADMINISTRATOR)

    def reminders():
        return sum("应急演练已到期" in one.title for one in notices_queries.notices_for(operator))

    assert operations.remind(WATCHER) == 0
    assert queries.figures().drills_overdue == 0
    begun = clock.now()
    with clock.moved_to(begun + timedelta(days=367)):
        assert operations.remind(WATCHER) == len(PACK["plans"])
        operations.remind(WATCHER)
        assert reminders() == len(PACK["plans"])
        assert all(row.is_overdue for row in queries.plan_rows_for(operator))
    with clock.moved_to(begun + timedelta(days=400)):
        operations.remind(WATCHER)
        assert reminders() == 2 * len(PACK["plans"])


@pytest.mark.clause("D5")
@pytest.mark.django_db
def test_drill_and_real_are_never_in_one_list_or_figure():
    by = factory.staff()
    drill, real = factory.started(by), factory.started(by, is_drill=False)
    assert [one.uuid for one in queries.emergencies_for(by.operator, is_drill=True)] == [drill.uuid]
    assert [one.uuid for one in queries.emergencies_for(by.operator, is_drill=False)] == [real.uuid]
    assert queries.figures().running == 1
    for stranger in (by.bank, by.regulator, people.enterprise()):
        with pytest.raises(AccessDenied):
            queries.emergencies_for(stranger, is_drill=True)
        with pytest.raises(AccessDenied):
            queries.emergency_for(stranger, real.uuid)
        with pytest.raises(AccessDenied), transactions.opened():
            operations.record_step(stranger, real.uuid, "list", "已完成")
    with pytest.raises(UnableToStart), transactions.opened():
        journey.start(
            by.operator, plan_code="default_cluster", level=Level.I, title="测试", summary="监管不是企业",
            is_drill=True, regulator_id=people.enterprise().organisation_id,
        )  # fmt: skip
