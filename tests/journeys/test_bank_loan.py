"""One real loan, from the need to the archive, through the operations its people call. The bank core answers HTTP."""

from datetime import timedelta

import pytest

from factories import bank_loan as factory
from finmart.centres.business.applications import operations as applications_operations
from finmart.centres.business.applications import queries as applications_queries
from finmart.centres.business.applications.types import ApplicationState
from finmart.centres.business.cases import queries as cases_queries
from finmart.centres.business.funds import queries as funds_queries
from finmart.centres.technical.processes import operations as processes_operations
from finmart.centres.technical.processes import queries as processes_queries
from finmart.centres.technical.processes.types import EventKind, InstanceState
from finmart.config import deployment
from finmart.desks.items import registry as items_registry
from finmart.integrations import bpmn
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor

SYSTEM = Actor.of_system("test")


@pytest.mark.clause("B1", "B2", "B6", "B10", "A6")
def test_a_loan_from_the_need_to_the_archive(bank_core, committed_database):
    with transactions.opened():
        story = factory.story(amount_fen=30_000_000)
    done = list(story.steps())
    assert done[:2] == ["state_need", "apply"]
    assert done[-1] == "repay"
    application = applications_queries.application_for(SYSTEM, story.application.uuid)
    assert application.state is ApplicationState.CLOSED
    assert cases_queries.case_by_uuid_for(SYSTEM, story.case_uuid).ref.state == "ARCHIVED"
    (instance,) = processes_queries.instances_of(SYSTEM, story.case_uuid)
    assert instance.state is InstanceState.COMPLETED
    assert funds_queries.trial_balance().ok
    assert funds_queries.outstanding_principal(application.institution.id, story.case_uuid) == 0


@pytest.mark.clause("F4")
@pytest.mark.django_db
def test_the_log_tells_which_authority_decided_and_from_what_and_only_to_the_bank():
    story = factory.story()
    for name in story.steps():
        if name == "review":
            break
    (instance,) = processes_queries.instances_of(SYSTEM, story.case_uuid)

    def told(actor):
        events = processes_queries.events_of(actor, instance.uuid)
        return next(event for event in events if event.act is EventKind.RULE_DECIDED)

    seen = told(story.cast.bank["reviewer"])
    assert seen.opinion == "审批权限：审批层级 支行审批人、审批人数 1"
    assert seen.content["seen"] == {"amount_fen": story.amount_fen, "security_required": False}
    assert seen.content["decided"] == {"approval_level": "支行审批人", "approver_count": 1}
    assert (told(story.cast.clerk).opinion, told(story.cast.clerk).content) == ("", {})


@pytest.mark.clause("B2")
@pytest.mark.django_db
def test_an_offer_nobody_answers_ends_the_case_as_timed_out():
    story = factory.story()
    for name in story.steps():
        if name == "approve":
            break
    with clock.moved_to(clock.now() + timedelta(days=30)):
        applications_operations.expire_offers(SYSTEM)
        fired = [processes_operations.fire(SYSTEM, one) for one in processes_operations.due()]
        assert any(fired)
    application = applications_queries.application_for(SYSTEM, story.application.uuid)
    assert application.state is ApplicationState.WITHDRAWN
    assert "未答复" in application.reason
    (instance,) = processes_queries.instances_of(SYSTEM, story.case_uuid)
    assert instance.state is InstanceState.COMPLETED
    acts = {event.act for event in processes_queries.events_of(SYSTEM, instance.uuid)}
    assert EventKind.TIMED_OUT in acts


def test_every_step_of_the_model_has_clause_deadline_and_form():
    """The issue of the house asks for it on every step; the model is what the business signed."""
    (file,) = [model for model in deployment.models() if model.parent.name == "bank_loan"]
    model = bpmn.read(file.read_text(encoding="utf-8"))
    for node in model.steps():
        assert node.step.clause, node.id
        assert node.step.deadline is not None, node.id
        assert node.step.deadline.source, node.id
        assert node.step.form in items_registry.form_keys(), node.id
