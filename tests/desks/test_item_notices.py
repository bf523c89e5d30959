"""Who can do a step hears that it waits, is urged, is late, was handed over or copied; nobody else does."""

from datetime import timedelta

import pytest

from factories import bank_loan as factory
from finmart.centres.data.consents import operations as consents_operations
from finmart.centres.data.consents import queries as consents_queries
from finmart.centres.technical.notices import queries as notices_queries
from finmart.centres.technical.processes import operations as processes_operations
from finmart.centres.technical.processes import queries as processes_queries
from finmart.kit import clock
from finmart.kit.actor import Actor

pytestmark = pytest.mark.django_db
SYSTEM = Actor.of_system("test")


@pytest.fixture
def story(db):
    """A loan that waits for its acceptance."""
    made = factory.story()
    for name in made.steps():
        if name == "consent":
            return made
    raise AssertionError("the story ended early")


def _told(actor):
    return [notice.title for notice in notices_queries.notices_for(actor)]


def _waiting(story, step="accept"):
    return processes_queries.open_item_of(story.case_uuid, step)


@pytest.mark.clause("D8")
def test_a_step_is_announced_to_those_who_can_do_it(story):
    staff = story.cast.bank
    for who in ("manager_a", "manager_b"):
        (notice,) = [one for one in notices_queries.notices_for(staff[who]) if one.title == "有新的待办事项"]
        assert story.application.number in notice.body
        assert notice.link == f"/items/{_waiting(story)}/"
    assert _told(staff["approver_a"]) == []
    assert "有新的待办事项" not in _told(story.cast.clerk)


def test_urging_names_the_organisation_that_asks(story):
    processes_operations.urge(story.cast.clerk, _waiting(story))
    notice = notices_queries.notices_for(story.cast.bank["manager_a"])[0]
    assert notice.title.startswith("催办：")
    assert notice.body.startswith(story.cast.clerk.organisation_name)


def test_a_copy_and_a_hand_over_reach_their_person_alone(story):
    staff, item = story.cast.bank, _waiting(story)
    processes_operations.copy(staff["manager_a"], item, person_ids=[staff["reviewer"].person_id], opinion="内部意见")
    (notice,) = notices_queries.notices_for(staff["reviewer"])
    assert notice.title.startswith("抄送：")
    assert "内部意见" not in notice.body
    before = len(_told(staff["manager_b"]))
    processes_operations.claim(staff["manager_a"], item)
    processes_operations.transfer(staff["manager_a"], item, person_id=staff["manager_b"].person_id, opinion="休假")
    assert len(_told(staff["manager_b"])) == before + 1


def test_a_missed_deadline_is_told(story):
    with clock.moved_to(clock.now() + timedelta(days=60)):
        for deadline in processes_operations.due():
            processes_operations.fire(SYSTEM, deadline)
    assert "事项已超时" in _told(story.cast.bank["manager_a"])


@pytest.mark.clause("F2")
def test_a_bank_hears_that_a_consent_was_withdrawn(story):
    (consent,) = consents_queries.consents_for(story.cast.legal)
    consents_operations.withdraw(story.cast.legal, consent.uuid)
    notice = notices_queries.notices_for(story.cast.bank["manager_a"])[0]
    assert notice.title == "数据授权已撤回"
    assert notice.link == f"/cases/{story.application.number}/"
    assert "数据授权已撤回" not in _told(story.cast.bank["officer"])


def test_no_mail_is_queued_for_an_address_that_cannot_exist(db, django_user_model):
    from factories import parties
    from finmart.centres.technical.parties import queries as parties_queries

    person = parties.person()
    row = django_user_model.objects.get(pk=person.person_id)
    row.email = "a@example.invalid"
    row.save(update_fields=["email"])
    assert parties_queries.email_addresses([person.person_id]) == {}
    row.email = "a@example.org"
    row.save(update_fields=["email"])
    assert parties_queries.email_addresses([person.person_id]) == {person.person_id: "a@example.org"}
