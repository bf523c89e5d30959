"""A feed's batch is judged by the rules before any of it is a fact: over real HTTP, up to its owner's decision."""

from datetime import timedelta
from decimal import Decimal

import pytest

from factories import parties as people
from factories.supplying import FEEDER, SUPPLIED_ON, batch, due_again, record
from finmart.centres.data.profiles import queries as profiles_queries
from finmart.centres.data.quality import operations as quality_operations
from finmart.centres.data.quality import queries as quality_queries
from finmart.centres.data.sources import operations, queries, tasks
from finmart.centres.data.sources.models import Batch, Record
from finmart.centres.data.sources.types import BatchState, SourceFile, SourcesAct
from finmart.centres.technical.notices import queries as notices_queries
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import Role
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied

pytestmark = [pytest.mark.django_db, pytest.mark.clause("D1")]
REASON = "已与供数单位电话核对，照此入库"


def _code(firm):
    return parties_queries.organisation(firm.organisation_id).credit_code


def _own(operator, code):
    """Have the operator's person answer for a rule."""
    quality_operations.set_terms(
        operator, code, most_failed=Decimal(0), days_to_mend=5, owner_id=operator.person_id,
        valid_from=clock.today(), reason="由数据专员负责",
    )  # fmt: skip


def _facts(firm):
    return {view.code: view for view in profiles_queries.own_facts_for(firm)}


def _titles(actor):
    return [notice.title for notice in notices_queries.notices_for(actor)]


@pytest.fixture
def firm():
    return people.enterprise(name="吴门精工")


def test_a_batch_that_breaks_a_rule_is_held_for_the_rules_owner_and_no_fact_of_it_is_seen(sources, firm):
    owner = people.operator()
    colleague = people.colleague(owner, Role.OPERATOR)
    chief = people.colleague(owner, Role.OPERATOR_ADMINISTRATOR)
    _own(owner, "established_plausible")
    ahead = str(clock.today() + timedelta(days=400))
    sources("registry").supply("2026-10", SUPPLIED_ON, [record("registry", _code(firm), established_on=ahead)])
    tasks.fetch("registry")
    held = Batch.objects.get()
    assert held.state == BatchState.HELD
    assert "“成立日期不在将来”检查 1 行，1 行不合格（100.00%，允许 0.00%）" in held.message
    assert _facts(firm) == {}
    assert "市场监管登记有批次暂存待核" in _titles(owner)
    assert "市场监管登记有批次暂存待核" not in _titles(colleague)
    figures = {one.code: one for one in quality_queries.batch_figures_for(owner, held.uuid)}
    assert (figures["established_plausible"].holds, figures["established_plausible"].failed) == (True, 1)
    assert figures["established_plausible"].examples[0].firm_name == "吴门精工"
    assert figures["supplied_not_negative"].passes
    assert [one.trigger_label for one in quality_queries.rule_for(owner, "established_plausible").points] == [
        "来源批次入库前"
    ]
    assert queries.batch_for(colleague, held.uuid).acts == frozenset()
    assert SourcesAct.BATCH_RELEASE in queries.batch_for(chief, held.uuid).acts
    for act in (operations.release_batch, operations.reject_batch):
        with pytest.raises(AccessDenied, match="责任人"):
            act(colleague, held.uuid, REASON)
    operations.release_batch(owner, held.uuid, REASON)
    facts = _facts(firm)
    assert facts["registered_capital_fen"].value == 123_450
    assert "established_on" not in facts  # a day to come is no fact, whoever lets the batch in
    held.refresh_from_db()
    assert (held.state, held.unusable) == (BatchState.LOADED, 1)


def test_a_rejected_batch_leaves_nothing_and_the_supplier_is_asked_to_send_it_right(sources, firm):
    operator, office = people.operator(), sources("registry")
    office.supply("2026-10", SUPPLIED_ON, [record("registry", _code(firm), established_on="2099-01-01")])
    tasks.fetch("registry")
    held = Batch.objects.get()
    assert (held.state, held.owner_id) == (BatchState.HELD, None)
    assert "市场监管登记有批次暂存待核" in _titles(operator)
    operations.reject_batch(operator, held.uuid, "成立日期不会在将来，请重送")
    held.refresh_from_db()
    assert (held.state, Record.objects.count()) == (BatchState.REFUSED, 0)
    assert "成立日期不在将来" in held.message
    (asked,) = queries.demands_for(operator)
    assert "批次 2026-10 已退回：成立日期不会在将来，请重送" in asked.text
    office.supply("2026-10a", SUPPLIED_ON, [record("registry", _code(firm), established_on="2019-01-01")])
    due_again("registry")
    tasks.fetch("registry")
    newest = Batch.objects.order_by("-pk")[0]
    assert newest.state == BatchState.LOADED
    found = {one.code: one for one in quality_queries.batch_figures_for(operator, newest.uuid)}
    assert found["established_plausible"].passes
    assert _facts(firm)["established_on"].value.isoformat() == "2019-01-01"


def test_negative_values_all_over_a_batch_hold_it_and_a_single_one_is_no_fact(firm):
    found = batch("tax", record("tax", _code(firm), tax_arrears="-5.00"))
    assert (found.state, found.unusable) == (BatchState.LOADED, 1)
    assert "tax_arrears_fen" not in _facts(firm)
    firms = [firm, *(people.enterprise() for _ in range(6))]
    turned = {"annual_tax": "-1.00", "previous_annual_tax": "-1.00", "tax_arrears": "-1.00"}
    held = batch("tax", *(record("tax", _code(one), **turned) for one in firms))
    assert held.state == BatchState.HELD
    assert "“来源的数量与金额不为负”检查 21 行，21 行不合格" in held.message


def test_a_source_that_sends_zeros_for_a_whole_city_loads_none_of_them(firm):
    firms = [firm, *(people.enterprise() for _ in range(9))]
    batch("tax", *(record("tax", _code(one), annual_tax="90000.00", as_of_on="2026-09-30") for one in firms))
    zeros = batch("tax", *(record("tax", _code(one), annual_tax="0.00") for one in firms))
    assert zeros.state == BatchState.HELD
    assert "成片归零" in zeros.message
    assert _facts(firm)["annual_tax_fen"].value == 9_000_000
    ten_thousand = batch("tax", *(record("tax", _code(one), annual_tax="900000000.00") for one in firms[:9]))
    assert ten_thousand.state == BatchState.LOADED  # nine firms are too few to speak of a source


def test_a_rule_that_only_tells_loads_the_batch_and_stays_on_record(firm):
    batch("registry", record("registry", _code(firm), registered_capital="100.00"))
    people_said = batch("social_security", record("social_security", _code(firm), insured=3))
    assert people_said.state == BatchState.LOADED
    operator = people.operator()
    codes = {one.code for one in quality_queries.batch_figures_for(operator, people_said.uuid)}
    assert "supplied_not_negative" in codes
    assert codes.isdisjoint({"tax_and_revenue", "established_plausible"})  # of other sources


def test_a_batch_is_no_whole_run_and_changes_none_of_its_figures(firm):
    batch("registry", record("registry", _code(firm)))
    quality_operations.run(FEEDER)
    whole = quality_queries.figures()
    assert whole.asked > 0
    assert batch("tax", record("tax", _code(firm))).state == BatchState.LOADED
    assert quality_queries.figures() == whole


def test_a_record_replaced_within_its_batch_is_not_judged(firm):
    wrong = record("registry", _code(firm), key="R-1", established_on="2099-01-01")
    right = record("registry", _code(firm), key="R-2", replaces="R-1")
    assert batch("registry", wrong, right).state == BatchState.LOADED
    assert _facts(firm)["established_on"].value.isoformat() == "2019-05-06"


def test_only_the_platform_judges_a_batch(firm):
    loaded = batch("tax", record("tax", _code(firm)))
    for actor in (firm, people.operator()):
        with pytest.raises(AccessDenied):
            quality_operations.judge_batch(actor, loaded.uuid)
    with pytest.raises(AccessDenied):
        quality_queries.batch_figures_for(firm, loaded.uuid)


def test_a_list_of_firms_is_judged_as_a_load_and_names_the_firms_it_brought():
    known = people.enterprise(name="早已登记")
    text = f"企业名称,统一社会信用代码\n早已登记,{_code(known)}\n坏行,91320500123456789X\n"
    loaded = operations.load_firms(Actor.of_system("test"), SourceFile("名单.csv", text.encode()))
    held = loaded.state == "HELD"
    assert held
    operations.release_load(people.operator(), loaded.uuid, "坏行已与提交人核对，先入可识别的")
    assert queries.firms_of_load(loaded.uuid) == [known.organisation_id]
    found = {one.code: one for one in quality_operations.run(FEEDER, load_uuid=loaded.uuid).figures}
    assert (found["load_rows_readable"].checked, found["load_rows_readable"].failed) == (1, 1)
    assert found["firm_basics_known"].checked in {0, 1}
