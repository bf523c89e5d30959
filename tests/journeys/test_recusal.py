"""Nobody decides about a firm they are tied to: as its member, by a tie on record, or by their own word (clause P5)."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from factories import bank_loan as factory
from factories import parties as people
from finmart.centres.technical.notices import queries as notices_queries
from finmart.centres.technical.parties import operations as parties_operations
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.models import Person
from finmart.centres.technical.parties.types import ConflictKind, Role
from finmart.centres.technical.processes import operations as processes_operations
from finmart.centres.technical.processes import queries as processes_queries
from finmart.centres.technical.processes.types import EventKind, ProcessesAct, UnableToSignOff
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied

SYSTEM = Actor.of_system("test")
pytestmark = [pytest.mark.django_db, pytest.mark.clause("P5")]


@pytest.fixture
def story(db):
    """A loan that waits for its reviewer."""
    made = factory.story()
    done = 0
    for name in made.steps():
        done += name == "due_diligence"
        if done == 2:
            return made
    raise AssertionError


def _item(story, step="review"):
    return processes_queries.open_item_of(story.case_uuid, step)


def _again(actor):
    """Return the actor as the next request would have it."""
    place = next(
        one for one in parties_queries.memberships_of(actor.person_id) if one.organisation.id == actor.organisation_id
    )
    return parties_queries.actor_for(actor.person_id, membership_id=place.id)


def _tie(story, who, kind=ConflictKind.SHAREHOLDER, by=None):
    firm = story.cast.clerk.organisation_id
    parties_operations.record_conflict(
        by or people.SYSTEM, person_id=story.cast.bank[who].person_id, organisation_id=firm, kind=kind
    )
    return _again(story.cast.bank[who])


def _cannot(actor, item):
    assert item not in {one.uuid for one in processes_queries.open_items_for(actor)}
    assert not {ProcessesAct.ITEM_CLAIM, ProcessesAct.ITEM_COMPLETE} & processes_queries.item_for(actor, item).acts
    with pytest.raises(AccessDenied):
        processes_operations.complete(actor, item, "REFUSE", "", {"refusal_reason": "CASH_FLOW"})


def test_a_member_of_the_firm_is_no_candidate_without_any_record(story):
    reviewer = story.cast.bank["reviewer"]
    assert _item(story) in {one.uuid for one in processes_queries.open_items_for(reviewer)}
    firm = story.cast.clerk.organisation_id
    parties_operations.add_member(
        people.SYSTEM, person_id=reviewer.person_id, organisation_id=firm, roles=[Role.ENTERPRISE_CLERK]
    )
    tied = _again(reviewer)
    assert tied.conflicts == {firm}
    _cannot(tied, _item(story))


@pytest.mark.parametrize("kind", list(ConflictKind))
def test_who_has_a_tie_on_record_is_no_candidate_and_is_handed_nothing(story, kind):
    item = _item(story)
    _cannot(_tie(story, "reviewer", kind), item)
    other = people.colleague(story.cast.bank["reviewer"])
    with pytest.raises(UnableToSignOff, match="回避"):
        processes_operations.transfer(other, item, person_id=story.cast.bank["reviewer"].person_id)
    processes_operations.complete(other, item, "REFUSE", "", {"refusal_reason": "CASH_FLOW"})


def test_a_tie_to_another_firm_bars_from_nothing(story):
    reviewer = story.cast.bank["reviewer"]
    parties_operations.record_conflict(
        reviewer, person_id=reviewer.person_id, organisation_id=people.organisation().id, kind=ConflictKind.DECLARED
    )
    assert _item(story) in {one.uuid for one in processes_queries.open_items_for(_again(reviewer))}


def test_who_declares_a_conflict_on_an_item_gives_it_up_and_a_colleague_is_told(story):
    reviewer, item = story.cast.bank["reviewer"], _item(story)
    other = people.colleague(reviewer)
    before = len(notices_queries.notices_for(other))
    processes_operations.claim(reviewer, item)
    client = Client()
    client.force_login(Person.objects.get(pk=reviewer.person_id), backend="django.contrib.auth.backends.ModelBackend")
    assert "申报回避" in client.get(f"/items/{item}/").text
    assert client.post(f"/items/{item}/recuse/", {"opinion": ""}).status_code == 422
    assert client.post(f"/items/{item}/recuse/", {"opinion": "配偶在该企业任职"}).status_code == 302
    _cannot(_again(reviewer), item)
    (row,) = parties_queries.conflicts_for(_again(reviewer))
    assert (row.kind, row.note) == (ConflictKind.DECLARED, "配偶在该企业任职")
    assert len(notices_queries.notices_for(other)) == before + 1
    assert item in {one.uuid for one in processes_queries.open_items_for(other)}
    (instance,) = processes_queries.instances_of(SYSTEM, story.case_uuid)
    assert EventKind.RECUSED in {one.act for one in processes_queries.events_of(SYSTEM, instance.uuid)}


def test_a_seat_taken_before_the_tie_was_on_record_becomes_free_at_once(story):
    reviewer, item = story.cast.bank["reviewer"], _item(story)
    processes_operations.claim(reviewer, item)
    administrator = story.cast.bank["administrator"]
    tied = _tie(story, "reviewer", by=administrator)
    _cannot(tied, item)
    other = people.colleague(reviewer)
    processes_operations.complete(other, item, "REFUSE", "", {"refusal_reason": "CASH_FLOW"})


def test_only_an_administrator_ends_a_tie_and_never_their_own(story):
    reviewer, administrator = story.cast.bank["reviewer"], story.cast.bank["administrator"]
    row = parties_operations.record_conflict(
        reviewer, person_id=reviewer.person_id, organisation_id=story.cast.clerk.organisation_id,
        kind=ConflictKind.FAMILY,
    )  # fmt: skip
    with pytest.raises(AccessDenied):
        parties_operations.end_conflict(reviewer, row)
    parties_operations.end_conflict(administrator, row)
    assert _item(story) in {one.uuid for one in processes_queries.open_items_for(_again(reviewer))}
    with pytest.raises(AccessDenied):
        parties_operations.record_conflict(
            reviewer, person_id=administrator.person_id, organisation_id=story.cast.clerk.organisation_id,
            kind=ConflictKind.FAMILY,
        )  # fmt: skip


def test_the_candidates_choice_asks_the_database_nothing_more(story):
    """The ties come with the memberships, the firm with the process: an act needs no further statement."""
    reviewer = story.cast.bank["reviewer"]
    with CaptureQueriesContext(connection) as read:
        tied = parties_queries.actor_for(reviewer.person_id)
    assert len(read) == 1
    assert tied.conflicts == frozenset()
    with CaptureQueriesContext(connection) as asked:
        processes_operations.claim(tied, _item(story))
    assert not [one["sql"] for one in asked.captured_queries if "conflictofinterest" in one["sql"]]


def test_the_page_records_a_tie_by_credit_code(story):
    reviewer = story.cast.bank["reviewer"]
    client = Client()
    client.force_login(Person.objects.get(pk=reviewer.person_id), backend="django.contrib.auth.backends.ModelBackend")
    firm = parties_queries.organisation(story.cast.clerk.organisation_id)
    page = "/accounts/conflicts/"
    posted = {"person": reviewer.person_id, "credit_code": firm.credit_code, "kind": "SHAREHOLDER", "note": "持股 1%"}
    assert client.post(page, posted | {"credit_code": "9" * 18}).status_code == 422
    assert client.post(page, posted | {"person": story.cast.bank["officer"].person_id}).status_code == 422
    assert client.post(page, posted).status_code == 302
    assert firm.name in client.get(page).text
    _cannot(_again(reviewer), _item(story))
