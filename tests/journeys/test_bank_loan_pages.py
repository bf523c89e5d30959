"""The case page through a whole loan: at every step it opens for both sides, within its queries, and names the step."""

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext

from factories import bank_loan as factory
from finmart.centres.business.cases import queries as cases_queries
from finmart.centres.technical.parties.models import Person
from finmart.centres.technical.processes import queries as processes_queries
from finmart.centres.technical.processes.types import InstanceState
from finmart.kit import transactions
from finmart.kit.actor import Actor

SYSTEM = Actor.of_system("test")
TABS = ("timeline", "flow", "papers", "messages", "funds")


def _signed_in(actor):
    client = Client()
    client.force_login(Person.objects.get(pk=actor.person_id), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.clause("B6", "P3")
def test_the_case_page_at_every_step_of_a_loan(bank_core, committed_database):
    from django.db import connection

    with transactions.opened():
        story = factory.story(amount_fen=30_000_000)
    sides = [_signed_in(story.cast.clerk), _signed_in(story.cast.bank["manager_a"])]
    for turn, step in enumerate(story.steps()):
        if step == "state_need":
            continue  # no case yet
        number = cases_queries.case_by_uuid_for(SYSTEM, story.case_uuid).ref.number
        (instance,) = processes_queries.instances_of(SYSTEM, story.case_uuid)
        for client in sides:
            address = f"/cases/{number}/?tab={TABS[turn % len(TABS)]}"
            with CaptureQueriesContext(connection) as asked:
                answer = client.get(address)
            assert answer.status_code == 200, (step, address)
            questions = [one["sql"] for one in asked.captured_queries if not one["sql"].startswith(("BEGIN", "COMMIT"))]
            assert len(questions) <= 25, (step, address, questions)
            if instance.state is InstanceState.ACTIVE:
                for name in instance.current:
                    assert f"正在办理：<strong>{name}</strong>" in answer.text, (step, name)
    for client in sides:
        texts = {tab: client.get(f"/cases/{number}/?tab={tab}").text for tab in TABS}
        assert "已归档" in texts["timeline"]
        assert "归档后" not in texts["timeline"]
        assert "/contracts/" in texts["papers"]
        assert "剩余本金" in texts["funds"]
        assert 'class="flow-chart"' in texts["flow"]
