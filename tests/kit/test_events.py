"""Events: told in the same transaction, undone with it."""

from dataclasses import dataclass

import pytest

from finmart.kit import events
from finmart.kit.errors import Refusal
from finmart.kit.transactions import OutsideTransaction


@dataclass(frozen=True, slots=True)
class Rang(events.Event):
    times: int


@pytest.mark.django_db
def test_a_reaction_hears_its_own_kind_once():
    heard = []
    events.subscribe(Rang, heard.append)
    events.subscribe(Rang, heard.append)
    events.publish(Rang(3))
    assert heard == [Rang(3)]


@pytest.mark.django_db
def test_a_reaction_that_refuses_refuses_the_whole_act():
    @dataclass(frozen=True, slots=True)
    class Asked(events.Event):
        pass

    def refuse(event):
        raise Refusal("不行")

    events.subscribe(Asked, refuse)
    with pytest.raises(Refusal):
        events.publish(Asked())


def test_an_event_needs_a_transaction(committed_database):
    with pytest.raises(OutsideTransaction):
        events.publish(Rang(1))
