"""Versions with four eyes, scores that replay, files that nobody may tamper with."""

import datetime as dt
from dataclasses import replace

import pytest
from django.db import DatabaseError, connection

from factories import parties
from factories import risk as made
from factories.consents import consent
from factories.sources import invoice_file, sale
from finmart.centres.data.consents.models import PurposeBasis
from finmart.centres.data.consents.types import ConsentRequired, Purpose
from finmart.centres.data.risk import operations, queries
from finmart.centres.data.risk.models import ModelVersion, Score
from finmart.centres.data.risk.types import UnableToChangeModel, UnableToTrain, UnableToUseModel
from finmart.centres.data.sources import operations as sources_operations
from finmart.centres.technical.parties.types import Role
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound
from seen import seen

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _opened():
    with transactions.opened():
        yield


@pytest.fixture
def reviewer():
    return parties.operator()


@pytest.fixture
def firm():
    """A firm with two years of sales of its own."""
    own = parties.enterprise()
    rows = [
        sale(发票号码=f"{month:08d}", 开票日期=f"{2018 + month // 12}-{month % 12 + 1:02d}-05",
            金额=f"{1000 + month}.00",             税额="130.00", 价税合计=f"{1130 + month}.00")
        for month in range(24)
    ]  # fmt: skip
    sources_operations.load_invoices(own, invoice_file(*rows), organisation_id=own.organisation_id)
    return own


@pytest.mark.clause("D4")
def test_a_version_is_used_once_two_others_have_approved_it(reviewer):
    maker = parties.colleague(reviewer)
    waiting = made.version(maker)
    assert (waiting.number, waiting.state, len(waiting.sha256)) == (1, "WAITING", 64)
    assert [row.may_give_opinion for row in queries.models_for(maker)] == [False]
    with pytest.raises(AccessDenied, match="两名不同人员"):
        operations.approve(maker, waiting.uuid)
    assert operations.approve(reviewer, waiting.uuid).state == "WAITING"
    with pytest.raises(AccessDenied):
        operations.approve(reviewer, waiting.uuid)
    with pytest.raises(NotFound):
        queries.card_in_force_for(reviewer)
    third = parties.colleague(reviewer)
    assert operations.approve(third, waiting.uuid).state == "IN_FORCE"
    with pytest.raises(UnableToChangeModel, match="已审批完毕"):
        operations.reject(parties.colleague(reviewer), waiting.uuid, reason="晚了")
    newer = made.version_in_force(seed=9)
    assert {row.number: row.state for row in queries.models_for(reviewer)} == {1: "SUPERSEDED", 2: "IN_FORCE"}
    assert queries.card_in_force_for(parties.bank()).row.uuid == newer.uuid


def test_one_rejection_with_a_reason_is_final(reviewer):
    waiting = made.version()
    with pytest.raises(UnableToChangeModel, match="理由"):
        operations.reject(reviewer, waiting.uuid, reason=" ")
    assert operations.reject(reviewer, waiting.uuid, reason="样本太旧").state == "REJECTED"
    with pytest.raises(UnableToChangeModel):
        operations.approve(parties.colleague(reviewer), waiting.uuid)


def test_outsiders_neither_train_nor_approve_nor_see_what_waits(reviewer):
    waiting = made.version()
    for outsider in (parties.enterprise(), parties.bank()):
        with pytest.raises(AccessDenied):
            made.version(outsider)
        with pytest.raises(AccessDenied):
            operations.approve(outsider, waiting.uuid)
        with pytest.raises(NotFound):
            queries.card_for(outsider, waiting.uuid)
    with pytest.raises(AccessDenied):
        queries.models_for(parties.enterprise())
    assert queries.models_for(parties.bank()) == []


@pytest.mark.clause("D4")
def test_people_change_points_and_the_change_waits_for_two_others(reviewer):
    first = made.version_in_force()
    part = queries.card_for(reviewer, first.uuid).parts[0]
    wanted = [one.points + 5 for one in part.bins]
    changed = operations.change_points(reviewer, first.uuid, {part.code: wanted}, reason="样本偏少，放宽")
    assert (changed.number, changed.state, changed.may_give_opinion) == (2, "WAITING", False)
    card = queries.card_for(reviewer, changed.uuid)
    assert [one.points for one in card.parts[0].bins] == wanted
    assert card.measures["rows"] == 48, "a split: what a change does is told on the rows that did not train"
    assert card.measures["is_in_sample"] is False
    first_card = queries.card_for(reviewer, first.uuid)
    assert card.measures["before"]["auc"] == pytest.approx(first_card.measures["auc"])
    assert card.training["chances"] != first_card.training["chances"], "drift is held against the changed points"
    assert card.note == "样本偏少，放宽"
    assert queries.card_in_force_for(reviewer).row.uuid == first.uuid
    for points, reason in (({part.code: [1]}, "x"), ({"nothing": [1]}, "x"), ({part.code: wanted}, ""), ({}, "x"),
                           ({part.code: [9999] * len(wanted)}, "x")):  # fmt: skip
        with pytest.raises(UnableToChangeModel):
            operations.change_points(reviewer, first.uuid, points, reason=reason)


@pytest.mark.clause("D4")
def test_people_cut_a_column_elsewhere_and_its_bins_are_counted_again(reviewer):
    first = made.version_in_force()
    before = {part.code: part for part in queries.card_for(reviewer, first.uuid).parts}
    part = before["sales_volatility"]
    changed = operations.change_bins(reviewer, first.uuid, part.code, cuts=(1.0, 2.0), reason="按行业惯例分三段")
    card = queries.card_for(reviewer, changed.uuid)
    cut = next(one for one in card.parts if one.code == part.code)
    assert [one.text for one in cut.bins] == ["低于 1", "1 至 2", "2 及以上", "缺失"]
    assert sum(one.rows for one in cut.bins) == sum(one.rows for one in part.bins) == 192
    assert cut.bins[0].points > cut.bins[1].points > cut.bins[2].points, "the more volatile, the worse"
    assert cut.bins[0].bad_rate < cut.bins[2].bad_rate
    assert [one for one in card.parts if one.code != part.code] == [
        one for code, one in before.items() if code != part.code
    ]
    again = operations.change_bins(reviewer, changed.uuid, part.code, cuts=(1.5,), reason="两段即可")
    assert (again.number, again.auc is not None) == (3, True)
    for code, cuts in ((part.code, (2.0, 1.0)), (part.code, (1.0, 1.0)), (part.code, (float("nan"),)),
                       (part.code, (99.0,)), (part.code, tuple(range(40))), ("nothing", (1.0,))):  # fmt: skip
        with pytest.raises(UnableToChangeModel):
            operations.change_bins(reviewer, first.uuid, code, cuts=cuts, reason="x")
    with pytest.raises(AccessDenied):
        operations.change_bins(parties.bank(), first.uuid, part.code, cuts=(1.0,), reason="x")


@pytest.mark.clause("D4")
def test_texts_are_grouped_by_people(reviewer):
    kinds = ["制造", "零售", "餐饮", "运输"]
    first = made.version(industry=[kinds[place % 4] for place in range(240)])
    card = queries.card_for(reviewer, first.uuid)
    groups = (("制造", "运输"), ("餐饮",))
    made_new = operations.change_bins(reviewer, first.uuid, "industry", groups=groups, reason="合并相近行业")
    part = next(one for one in queries.card_for(reviewer, made_new.uuid).parts if one.code == "industry")
    assert [(one.text, one.rows) for one in part.bins] == [("制造、运输", 96), ("餐饮", 48), ("其他", 48), ("缺失", 0)]
    assert any(one.code == "industry" for one in card.parts)
    for wrong in ((("制造",), ("制造", "餐饮")), ((),), (("没有这一行业",),)):
        with pytest.raises(UnableToChangeModel):
            operations.change_bins(reviewer, first.uuid, "industry", groups=wrong, reason="x")


@pytest.mark.clause("D4")
def test_people_choose_the_words_of_a_reason_or_that_it_is_none(reviewer, firm):
    first = made.version_in_force()
    worded = operations.change_reason(
        reviewer, first.uuid, "sales_year", "近一年开票收入偏低", reason="企业看不懂原来的用语"
    )
    operations.approve(parties.operator(), worded.uuid)
    operations.approve(parties.operator(), worded.uuid)
    system = Actor.of_system("risk")
    (told,) = operations.score(system, [firm.organisation_id])
    assert {one.code: one.label for one in told.reasons}["sales_year"] == "近一年开票收入偏低"
    assert queries.replay(reviewer, told.uuid).is_same
    silent = operations.change_reason(reviewer, worded.uuid, "sales_year", " ", reason="监管要求不以规模为由")
    operations.approve(parties.operator(), silent.uuid)
    operations.approve(parties.operator(), silent.uuid)
    (later,) = operations.score(system, [firm.organisation_id])
    assert "sales_year" not in {one.code for one in later.reasons}
    assert (later.points, queries.replay(reviewer, told.uuid).is_same) == (told.points, True)
    back = operations.change_reason(reviewer, silent.uuid, "sales_year", None, reason="恢复")
    assert back.sha256 == first.sha256, "the same card has the same sum"
    with pytest.raises(UnableToChangeModel, match="没有任何变化"):
        operations.change_reason(reviewer, first.uuid, "sales_year", None, reason="x")
    with pytest.raises(UnableToChangeModel, match="最多 60 个字"):
        operations.change_reason(reviewer, first.uuid, "sales_year", "长" * 10_000, reason="x")


@pytest.mark.clause("D4")
def test_a_score_is_kept_with_all_it_read_and_replays(reviewer, firm):
    version = made.version_in_force()
    other = parties.enterprise()
    [told] = operations.score(parties.SYSTEM, [firm.organisation_id, other.organisation_id])
    stored = seen(Score).get(uuid=told.uuid)
    assert stored.version.uuid == version.uuid
    assert stored.inputs["sales_year"] == sum(1000 + month for month in range(11, 23))  # December 2019 is not over
    assert 0 < told.chance < 1
    assert told.reasons == tuple(sorted(told.reasons, key=lambda one: -one.points))
    again = queries.replay(reviewer, told.uuid)
    assert (again.is_same, again.differences) == (True, ())
    with pytest.raises(NotFound):
        queries.replay(other, told.uuid)
    assert queries.own_score_for(firm).points == told.points
    made.version_in_force(seed=11)  # a newer version changes nothing of what was said
    assert queries.replay(firm, told.uuid).is_same
    assert [one.is_same for one in queries.replay_all(reviewer)] == [True]
    with pytest.raises(AccessDenied):
        queries.replay_all(firm)


def test_a_missing_input_is_told_as_missing_and_never_as_zero(firm):
    made.version_in_force()
    own = parties.enterprise()
    rows = [sale(发票号码=f"{day:08d}", 开票日期=f"2019-12-{day:02d}") for day in range(1, 9)]
    sources_operations.load_invoices(own, invoice_file(*rows), organisation_id=own.organisation_id)
    [told] = operations.score(parties.SYSTEM, [own.organisation_id])
    assert "开票销售额两年波动系数" in told.missing
    assert seen(Score).get(uuid=told.uuid).inputs["sales_volatility"] is None


@pytest.mark.clause("F2")
def test_an_institution_sees_a_score_only_under_consent(reviewer, firm):
    made.version_in_force()
    operations.score(parties.SYSTEM, [firm.organisation_id])
    officer = parties.bank()
    with pytest.raises(ConsentRequired):
        operations.show_score(officer, firm.organisation_id, Purpose.LOAN_REVIEW)
    legal = parties.colleague(firm, Role.ENTERPRISE_LEGAL_PERSON)
    consent(legal, officer, "monthly_sales", "monthly_purchases")
    assert operations.show_score(officer, firm.organisation_id, Purpose.LOAN_REVIEW) is None  # of 2019: too old
    fresh = sale(发票号码="99", 开票日期=f"{clock.today()}")
    sources_operations.load_invoices(firm, invoice_file(fresh), organisation_id=firm.organisation_id)
    operations.score(parties.SYSTEM, [firm.organisation_id])
    assert operations.show_score(officer, firm.organisation_id, Purpose.LOAN_REVIEW) is not None


@pytest.mark.clause("F2")
def test_a_score_rests_on_no_invoice_before_the_range_of_the_consent(reviewer, firm):
    version = made.version_in_force()
    fresh = [
        sale(发票号码=f"9{day:02d}", 开票日期=f"{clock.today() - dt.timedelta(days=20 * day)}", 金额=f"{7000 + day}")
        for day in range(4)
    ]
    sources_operations.load_invoices(firm, invoice_file(*fresh), organisation_id=firm.organisation_id)
    [whole] = operations.score(parties.SYSTEM, [firm.organisation_id])
    officer, legal = parties.bank(), parties.colleague(firm, Role.ENTERPRISE_LEGAL_PERSON)
    consent(legal, officer, "monthly_sales", "monthly_purchases", months_back=6)
    shown = operations.show_score(officer, firm.organisation_id, Purpose.LOAN_REVIEW)
    kept = seen(Score).get(uuid=shown.uuid)
    assert (kept.version.uuid, kept.as_of_on) == (version.uuid, whole.as_of_on)
    assert kept.range_from.day == 1
    assert kept.inputs != seen(Score).get(uuid=whole.uuid).inputs
    # the same firm, had it never invoiced before the range
    alike = parties.enterprise()
    sources_operations.load_invoices(alike, invoice_file(*fresh), organisation_id=alike.organisation_id)
    [other] = operations.score(parties.SYSTEM, [alike.organisation_id])
    assert kept.inputs == seen(Score).get(uuid=other.uuid).inputs
    assert (shown.points, shown.chance) == (other.points, other.chance)
    again = operations.show_score(officer, firm.organisation_id, Purpose.LOAN_REVIEW)
    assert again.uuid == shown.uuid
    assert queries.own_score_for(firm).uuid == whole.uuid
    assert queries.replay(reviewer, shown.uuid).is_same
    assert operations.score(parties.SYSTEM, [firm.organisation_id], only_changed=True) == []


def test_nothing_is_scored_without_a_basis_a_model_or_a_right(firm):
    with pytest.raises(UnableToUseModel, match="没有生效的版本"):
        operations.score(parties.SYSTEM, [firm.organisation_id])
    made.version_in_force()
    PurposeBasis.objects.filter(purpose=Purpose.WARNING).delete()
    with pytest.raises(ConsentRequired, match="没有登记依据"):
        operations.score(parties.SYSTEM, [firm.organisation_id])
    with pytest.raises(AccessDenied):
        operations.score(firm, [firm.organisation_id])


@pytest.mark.clause("D4")
def test_the_card_says_how_scores_drift_and_how_groups_fare(reviewer, firm):
    version = made.version_in_force()
    fresh = queries.card_for(reviewer, version.uuid)
    assert (fresh.scores, fresh.drift, fresh.gaps) == (0, None, ())
    assert fresh.measures["auc"] > 0.7
    assert fresh.training["bads"] + sum(one.rows for one in fresh.parts[0].bins) > 192
    operations.score(parties.SYSTEM, [firm.organisation_id])
    card = queries.card_for(reviewer, version.uuid)
    assert card.drift > 0.25  # one firm is no population
    assert card.column_drift[0][1] >= card.column_drift[-1][1] > 0
    assert card.gaps == ()  # one firm is no group
    stored = seen(Score).get()
    assert set(stored.groups) == {"size", "age", "ownership", "district"} or stored.groups == {}
    for _ in range(5):
        other = parties.enterprise()
        sources_operations.load_invoices(other, invoice_file(sale()), organisation_id=other.organisation_id)
        operations.score(parties.SYSTEM, [other.organisation_id])
    told = dict(queries.card_for(reviewer, version.uuid).gaps)
    assert set(told) == {"企业规模", "成立年限", "所有制", "所属区县"}
    assert all(sum(row.rows for row in rows) == 6 for rows in told.values())


def test_versions_and_scores_only_grow(firm):
    made.version_in_force()
    for table in ("risk_modelversion", "risk_opinion", "risk_score"):
        with pytest.raises(DatabaseError), transactions.opened(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET id = id")


def test_a_table_of_one_outcome_or_with_leaks_trains_nothing():
    with pytest.raises(UnableToTrain, match="只有一类结果"):
        operations.train_table(parties.SYSTEM, made.table(defaulted_later=0), made.OPTIONS, name="x")
    with pytest.raises(UnableToTrain, match="Term"):
        operations.train_table(
            parties.SYSTEM, made.table(Term=3.5), replace(made.OPTIONS, features=("Term", "sales_year")), name="x"
        )
    with pytest.raises(UnableToTrain, match="不能训练"):
        operations.train_table(parties.SYSTEM, made.table(), replace(made.OPTIONS, despite_leaks=True), name="x")
    with pytest.raises(UnableToTrain, match="名称"):
        operations.train_table(parties.SYSTEM, made.table(), made.OPTIONS, name=" ")
    assert not ModelVersion.objects.exists()
