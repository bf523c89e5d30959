"""What a failure would do to everybody, over loans and guarantees that people signed."""

import numpy as np
import pytest

from factories import guarantees as made
from factories import parties as people
from factories import profiles
from finmart.centres.data.consents.models import DisclosureEntry
from finmart.centres.data.risk.types import SpreadMethod
from finmart.centres.governance.warnings import queries
from finmart.centres.governance.warnings.rules import stress
from finmart.centres.governance.warnings.types import Bond, BondKind, Node, TargetKind, UnableToStress, Web
from finmart.centres.technical.parties.models import Organisation
from finmart.kit.errors import AccessDenied

WAN = 1_000_000
THRESHOLD = SpreadMethod.THRESHOLD


@pytest.fixture
def town(db):
    return made.town()


def _code(summary, label, kind=TargetKind.FIRM):
    return next(one.code for one in summary.targets if one.kind is kind and one.label.startswith(label))


def _asked(operator, label, kind=TargetKind.FIRM, method=THRESHOLD):
    _, result = queries.stress_for(operator, _code(queries.summary_for(operator), label, kind), method)
    return result, {one.name: one for one in result.bearers}


@pytest.mark.clause("D5")
def test_who_is_bound_to_whom(town):
    summary = queries.summary_for(town)
    assert (summary.loans_fen, summary.guarantees_fen) == (180 * WAN, 180 * WAN)
    assert (summary.firms, summary.guarantors) == (4, 3)
    assert [set(pair) for pair in summary.mutual] == [{"甲方精密", "乙方机电"}]
    assert [set(circle) for circle in summary.circles] == [{"甲方精密", "乙方机电"}]
    assert len(summary.longest_chain) == 2
    assert summary.longest_chain[1] == "丙方软件"
    assert DisclosureEntry.objects.filter(purpose="WARNING").exists()


@pytest.mark.clause("D5")
def test_a_firm_draws_its_guarantor_along(town):
    result, bearers = _asked(town, "甲方精密")
    assert (result.loans_fen, result.guarantees_fen) == (100 * WAN, 100 * WAN)
    assert result.further_failing == 1
    assert bearers["乙方机电"].fails_in == 1
    assert bearers["乙方机电"].guarantees_fen == 100 * WAN
    bank = bearers["姑苏样例银行"]
    assert (bank.loans_fen, bank.further_fen, bank.held_fen) == (100 * WAN, 50 * WAN, 180 * WAN)
    assert not bank.is_judged
    assert bank.fails_in is None
    assert result.unjudged == 1
    assert "甲方精密" not in bearers
    assert result.ties.circles == (("甲方精密", "乙方机电"),)
    assert result.ties.answers_for == (("乙方机电", 1), ("丙方软件", 2))
    assert result.ties.answered_by == (("乙方机电", 1),)


def test_a_strong_guarantor_stands(town):
    result, bearers = _asked(town, "乙方机电")
    assert result.further_failing == 0
    assert bearers["甲方精密"].fails_in is None
    assert bearers["甲方精密"].is_judged
    softer, _ = _asked(town, "乙方机电", method=SpreadMethod.DEBTRANK)
    assert softer.further_fen >= result.further_fen == 0


@pytest.mark.clause("D5")
def test_a_district_an_industry_and_a_circle_fail_as_one(town):
    result, bearers = _asked(town, "", TargetKind.CIRCLE)
    assert len(result.target.places) == 2
    assert result.ties is None
    assert bearers["姑苏样例银行"].loans_fen == 150 * WAN
    summary = queries.summary_for(town)
    districts = {one.code: len(one.places) for one in summary.targets if one.kind is TargetKind.DISTRICT}
    assert districts == {"DISTRICT:320506": 2, "DISTRICT:320508": 2}
    sections = {one.code: len(one.places) for one in summary.targets if one.kind is TargetKind.SECTION}
    assert sections == {"SECTION:C": 2, "SECTION:G": 1, "SECTION:I": 1}
    _, gone = queries.stress_for(town, "DISTRICT:320508", THRESHOLD)
    assert gone.loans_fen == 30 * WAN
    assert "自然人保证人 1 名" in {one.name for one in gone.bearers}
    assert not any("丁法人" in one.name for one in gone.bearers)


@pytest.mark.clause("D5")
def test_a_cluster_of_two_districts_fails_as_one(town):
    for name in ("甲方精密", "丙方软件"):
        firm = Organisation.objects.get(name=name)
        profiles.facts(firm.pk, industry_code="3911")
    profiles.facts(Organisation.objects.get(name="丁方物流").pk, industry_code="3511")
    summary = queries.summary_for(town)
    clusters = {one.code: one.label for one in summary.targets if one.kind is TargetKind.CLUSTER}
    assert clusters == {"CLUSTER:ELECTRONICS": "电子信息（2 家）", "CLUSTER:EQUIPMENT": "高端装备（1 家）"}
    result, bearers = _asked(town, "电子信息", TargetKind.CLUSTER)
    assert {summary.targets[0].kind, result.target.kind} == {TargetKind.DISTRICT, TargetKind.CLUSTER}
    # 甲 and 丙 owe the bank 100 and 20; 乙 answers for both with 80 of capital, falls, and takes its own 50 along.
    assert (result.loans_fen, result.guarantees_fen, result.further_fen) == (120 * WAN, 120 * WAN, 50 * WAN)
    assert (result.further_failing, bearers["乙方机电"].fails_in) == (1, 1)
    assert bearers["姑苏样例银行"].further_fen == 50 * WAN
    assert set(bearers) == {"姑苏样例银行", "乙方机电"}
    softer, _ = _asked(town, "电子信息", TargetKind.CLUSTER, SpreadMethod.DEBTRANK)
    assert 0 < softer.stress <= 1


@pytest.mark.clause("D5")
def test_a_district_fails_and_what_stands_outside_of_it_bears_the_loss(town):
    result, bearers = _asked(town, "吴中区", TargetKind.DISTRICT)
    assert (result.loans_fen, result.guarantees_fen, result.further_fen) == (150 * WAN, 0, 0)
    assert set(bearers) == {"姑苏样例银行"}
    assert bearers["姑苏样例银行"].held_fen == 180 * WAN
    _, alone = _asked(town, "丁方物流")
    assert alone["姑苏样例银行"].loans_fen == 10 * WAN


def test_only_the_operator_may_ask_and_only_what_is_there(town):
    for stranger in (people.enterprise(), people.bank(), people.person()):
        with pytest.raises(AccessDenied):
            queries.summary_for(stranger)
    for code in ("FIRM:nobody", "DISTRICT:320583", "", "'; --"):
        with pytest.raises(UnableToStress):
            queries.stress_for(town, code, THRESHOLD)


def test_what_is_repaid_binds_nobody_and_an_empty_platform_is_calm(db):
    summary = queries.summary_for(people.operator())
    assert (summary.loans_fen, summary.targets, summary.circles, summary.longest_chain) == (0, (), (), ())


def test_without_known_capital_nobody_is_said_to_fail():
    nodes = tuple(Node(None, name, "ENTERPRISE", "企业") for name in "ABC")
    web = Web(nodes, (Bond(1, 0, 10, BondKind.GUARANTEE), Bond(2, 1, 10, BondKind.GUARANTEE)))
    network = stress.exposures_of(web)
    assert np.isinf(network.buffers).all()
    assert network.weights.tolist() == [10, 20, 10]
