"""A plan is revised by two people, from a day on; what runs keeps its words, the pack overrides nobody."""

import copy
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from factories import emergencies as factory
from factories import parties as people
from finmart.centres.governance.emergencies import operations, queries
from finmart.centres.governance.emergencies.models import PlanVersion, Revision
from finmart.centres.governance.emergencies.types import EmergenciesAct, RevisionState, UnableToRevise
from finmart.centres.technical.audit import queries as audit_queries
from finmart.centres.technical.notices import queries as notices_queries
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

WATCHER = Actor.of_system("emergencies")
CODE = "default_cluster"
pytestmark = [pytest.mark.django_db, pytest.mark.clause("D5")]


def _words(by, **changed):
    version, words = queries.newest_words_for(by, CODE)
    return version, {**copy.deepcopy(words), **changed}


def _proposed(by, *, on=None, **changed):
    version, words = _words(by, **(changed or {"title": "企业集中违约（苏州）"}))
    return operations.propose_revision(
        by, CODE, words, base_version=version, valid_from=on or clock.today(), reason="按本市演练复盘修改"
    )


def _in_force(by):
    return next(row.plan for row in queries.plan_rows_for(by) if row.plan.code == CODE)


def test_one_writes_another_adopts_and_what_runs_keeps_its_words():
    by = factory.staff()
    running = factory.started(by)
    uuid = _proposed(by.operator)
    assert "应急预案修订待复核：企业集中违约（苏州）" in [one.title for one in notices_queries.notices_for(by.chief)]
    waiting = queries.revision_for(by.operator, uuid)
    assert [(one.where, one.before, one.after) for one in waiting.changes] == [
        ("名称", "企业集中违约", "企业集中违约（苏州）")
    ]
    assert waiting.acts == {EmergenciesAct.REVISION_WITHDRAW}
    assert queries.revision_for(by.chief, uuid).acts == {EmergenciesAct.REVISION_ADOPT, EmergenciesAct.REVISION_REJECT}
    with pytest.raises(AccessDenied):
        operations.adopt_revision(by.operator, uuid)
    with pytest.raises(UnableToRevise, match="待复核"):
        _proposed(by.chief, title="另一份")
    assert _in_force(by.operator).version == 1
    assert operations.adopt_revision(by.chief, uuid, "同意") == 2
    assert (_in_force(by.operator).version, _in_force(by.operator).title) == (2, "企业集中违约（苏州）")
    assert queries.emergency_for(by.operator, running.uuid).plan.title == "企业集中违约"
    assert queries.emergency_for(by.operator, factory.started(by).uuid).plan.version == 2
    newest, first = queries.versions_for(by.operator, CODE)
    assert (newest.version, newest.is_in_force, newest.reason) == (2, True, "按本市演练复盘修改")
    assert (first.made_by, first.is_in_force) == ("城市配置包", False)
    assert queries.plan_version_for(by.operator, CODE, 1).title == "企业集中违约"
    with pytest.raises(UnableToRevise, match="已采用"):
        operations.adopt_revision(by.chief, uuid)
    assert audit_queries.verify().ok


def test_a_version_is_in_force_from_its_day_on_and_never_before_it_was_adopted():
    by = factory.staff()
    later = clock.today() + timedelta(days=30)
    operations.adopt_revision(by.chief, _proposed(by.operator, on=later))
    assert _in_force(by.operator).version == 1
    assert factory.started(by).title.startswith("【演练】")
    with clock.moved_to(clock.now() + timedelta(days=31)):
        assert _in_force(by.operator).version == 2
        assert _in_force(by.operator).adopted_on == later
    uuid = _proposed(by.operator, on=clock.today(), title="企业集中违约三")
    with clock.moved_to(clock.now() + timedelta(days=5)):
        operations.adopt_revision(by.chief, uuid)
        assert _in_force(by.operator).adopted_on == clock.today()


def test_a_revision_is_rejected_with_a_reason_or_taken_back_by_its_author():
    by = factory.staff()
    uuid = _proposed(by.operator)
    with pytest.raises(UnableToRevise, match="理由"):
        operations.reject_revision(by.chief, uuid, "否")
    operations.reject_revision(by.chief, uuid, "时限尚未与各机构商定")
    found = queries.revision_for(by.operator, uuid)
    assert (found.state, found.opinion, found.acts) == (
        RevisionState.REJECTED, "时限尚未与各机构商定", frozenset(),
    )  # fmt: skip
    second = _proposed(by.operator)
    with pytest.raises(AccessDenied):
        operations.withdraw_revision(by.chief, second)
    operations.withdraw_revision(by.operator, second)
    assert queries.waiting_revisions_for(by.operator) == []
    assert PlanVersion.objects.filter(code=CODE).count() == 1


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda words: words.update(steps=[]), "至少要有一个"),
        (lambda words: words["steps"][0].update(hours=[8, 4, 2, 1]), "时限不得越长"),
        (lambda words: words["levels"]["I"].update(assess_hours=9), "时限不得越长"),
        (lambda words: words["levels"]["IV"].update(review_days=100_000), "时限不得越长"),
        (lambda words: words["wordings"][0].update(text="请于 {whenever} 前反馈"), "花括号"),
        (lambda words: words["wordings"][0].update(text="请于 {due 前反馈"), "花括号"),
        (lambda words: None, "没有可修订之处"),
    ],
)
def test_a_plan_that_could_not_be_run_is_refused_in_words(spoil, told):
    operator = people.operator()
    version, words = _words(operator)
    spoil(words)
    with pytest.raises(UnableToRevise, match=told):
        operations.propose_revision(
            operator, CODE, words, base_version=version, valid_from=clock.today(), reason="试着修订一次"
        )


def test_neither_yesterday_nor_old_words_nor_strangers():
    by = factory.staff()
    version, words = _words(by.operator, title="企业集中违约二")
    for known, told in (
        ({"base_version": version + 1, "valid_from": clock.today()}, "按最新版本"),
        ({"base_version": version, "valid_from": clock.today() - timedelta(days=1)}, "不能早于今天"),
    ):
        with pytest.raises(UnableToRevise) as refused:
            operations.propose_revision(by.operator, CODE, words, reason="按复盘修改", **known)
        assert told in f"{refused.value.message}{refused.value.remedy}"
    uuid = _proposed(by.operator)
    for stranger in (by.bank, by.regulator, people.enterprise()):
        for asked in (
            lambda who: queries.revision_for(who, uuid), lambda who: queries.versions_for(who, CODE),
            queries.waiting_revisions_for, lambda who: operations.adopt_revision(who, uuid),
            lambda who: operations.reject_revision(who, uuid, "不同意这样改"),
            lambda who: operations.propose_revision(
                who, CODE, words, base_version=1, valid_from=clock.today(), reason="陌生人修改"
            ),
        ):  # fmt: skip
            with pytest.raises(AccessDenied):
                asked(stranger)
    for missing in (lambda: queries.newest_words_for(by.operator, "nothing"),
                    lambda: queries.plan_version_for(by.operator, CODE, 99)):  # fmt: skip
        with pytest.raises(NotFound):
            missing()


def test_the_database_holds_four_eyes_and_that_versions_stay():
    by = factory.staff()
    uuid = _proposed(by.operator)
    row = Revision.objects.get(uuid=uuid)
    with pytest.raises(IntegrityError), transaction.atomic():
        Revision.objects.filter(pk=row.pk).update(state=RevisionState.ADOPTED, decided_by=row.made_by_id)
    operations.adopt_revision(by.chief, uuid)
    with pytest.raises(DatabaseError), transaction.atomic():
        PlanVersion.objects.filter(revision=row).update(version=9)


def test_the_pack_never_overrides_what_people_wrote_but_its_news_wait():
    by = factory.staff()
    operations.adopt_revision(by.chief, _proposed(by.operator))
    assert operations.adopt_plans(WATCHER, "suzhou") == 0  # the pack says what it always said
    assert _in_force(by.operator).title == "企业集中违约（苏州）"
    # A second set of people's words, adopted while the pack still says something nobody has seen yet.
    packed = PlanVersion.objects.get(code="guarantee_circle", version=1)
    words = {**packed.body, "title": "担保圈（苏州）"}
    made = Revision.objects.create(
        code=packed.code, base_version=1, body=words, sha256="1" * 64, valid_from=clock.today(), reason="测试",
        made_at=clock.now(), state=RevisionState.WITHDRAWN,
    )  # fmt: skip
    with transaction.atomic():
        PlanVersion.objects.create(
            code="fresh", version=1, body={**packed.body, "code": "fresh"}, sha256="2" * 64, adopted_at=clock.now(),
            revision=made,
        )  # fmt: skip
    from finmart.centres.governance.emergencies.operations import adopting

    known = PlanVersion.objects.get(code="fresh")
    news = {**packed.body, "code": "fresh", "title": "新的一版"}
    assert [adopting._suggest(WATCHER, known, news) for _ in range(2)] == [1, 0]
    (waiting,) = queries.waiting_revisions_for(by.operator)
    assert (waiting.plan_title, waiting.made_by) == ("新的一版", "城市配置包")
    assert operations.adopt_revision(by.operator, waiting.uuid) == 2
