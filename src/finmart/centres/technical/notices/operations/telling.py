"""Telling people: words and readers are gathered during an act and become rows once, at its end."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

from procrastinate.contrib.django import app

from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.notices import rules
from finmart.centres.technical.notices.models import Delivery
from finmart.centres.technical.notices.types import Channel, NoticesAct, UnknownText
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import Members
from finmart.kit import clock, sql, transactions
from finmart.kit.actor import Actor
from finmart.kit.arrays import as_array
from finmart.kit.ids import new_uuid

if TYPE_CHECKING:
    from procrastinate.types import JSONDict

LONGEST_KEY = 120
_SAID = ("template", "title", "body", "link", "key", "at")
# The words travel once for all who are told them. The key is the lock: a second teller inserts nothing.
_INSERT = """
INSERT INTO notices_notice (uuid, person_id, template, title, body, link, key, created_at)
SELECT told.uuid, told.person_id, said.template, said.title, said.body, said.link, said.key, said.at
FROM unnest(%(uuids)s::uuid[], %(people)s::bigint[], %(places)s::bigint[]) WITH ORDINALITY
     AS told (uuid, person_id, place, turn)
JOIN unnest(%(template)s::text[], %(title)s::text[], %(body)s::text[], %(link)s::text[], %(key)s::text[],
            %(at)s::timestamptz[]) WITH ORDINALITY AS said (template, title, body, link, key, at, place)
  ON said.place = told.place + 1
ORDER BY told.turn
ON CONFLICT (person_id, key) WHERE NOT key = '' DO NOTHING
RETURNING id, uuid
"""


@dataclass(frozen=True, slots=True)
class _Telling:
    """One call of :func:`notify`, until it is known who is told."""

    actor: Actor
    person_ids: tuple[int, ...]
    members: tuple[Members, ...]
    template: str
    title: str
    body: str
    link: str
    key: str
    at: datetime


def notify(
    actor: Actor,
    *,
    template: str,
    values: dict[str, object],
    person_ids: Iterable[int] = (),
    members: Iterable[Members] = (),
    link: str = "",
    key: str = "",
) -> None:
    """Tell people something, in the app and, where they gave an address, by e-mail.

    They are named, or the ``members`` of organisations at the end of the transaction; nobody is told twice by one
    call. ``template`` is a code of ``templates.toml``; ``values`` fills its placeholders; ``link`` is an address on
    this platform. ``key`` names the occasion: who was already told under it is not told again, so that a job may
    repeat. Raises UnknownText for a template, placeholder, link or key that cannot be right. Clause D8.
    """
    transactions.require()
    text = rules.texts().get(template)
    if text is None or not rules.is_local(link) or len(key) > LONGEST_KEY:
        raise UnknownText(f"no notice can be made of template {template!r}, link {link[:80]!r}, key {key[:80]!r}")
    title = rules.fill(text.title, values, rules.LONGEST_TITLE)
    body = rules.fill(text.body, values, rules.LONGEST_BODY)
    telling = _Telling(
        actor, tuple(person_ids), tuple(members), template, title, body, link, key, clock.now()
    )  # fmt: skip
    transactions.gather(_tell, telling)


def _tell(tellings: list[_Telling]) -> None:
    """Insert the notices of several calls and queue their mails."""
    groups = {group for telling in tellings for group in telling.members}
    reached = parties_queries.addresses_of(groups) if groups else {}
    addresses = {person: email for people in reached.values() for person, email in people.items()}
    named = {person for telling in tellings for person in telling.person_ids} - addresses.keys()
    if named:
        addresses |= parties_queries.email_addresses(named)
    told = _insert(tellings, [_people(telling, reached) for telling in tellings])
    for place, telling in enumerate(tellings):
        people = [person for _, person, where in told if where == place]
        if people:
            audit_operations.record(
                telling.actor, NoticesAct.NOTICE_SEND, f"template:{telling.template}", persons=people, key=telling.key
            )
    _queue([notice for notice, person, _ in told if addresses.get(person)])


def _people(telling: _Telling, reached: Mapping[Members, Iterable[int]]) -> list[int]:
    return [*dict.fromkeys([*telling.person_ids, *chain.from_iterable(reached[group] for group in telling.members)])]


def _insert(tellings: list[_Telling], people: list[list[int]]) -> list[tuple[int, int, int]]:
    """Insert a notice for everybody and return what was new: its id, the person, the place of the telling."""
    pairs = [(person, place) for place, told in enumerate(people) for person in told]
    uuids = [new_uuid() for _ in pairs]
    lists: dict[str, list[Any]] = {name: [getattr(one, name) for one in tellings] for name in _SAID}
    lists |= {"uuids": uuids, "people": [person for person, _ in pairs], "places": [place for _, place in pairs]}
    inserted = sql.rows(_INSERT, {name: as_array(column) for name, column in lists.items()})
    new = {uuid: key for key, uuid in inserted}
    return [(new[uuid], person, place) for uuid, (person, place) in zip(uuids, pairs, strict=True) if uuid in new]


def _queue(notice_ids: list[int]) -> None:
    if notice_ids:
        queued = Delivery.objects.bulk_create(Delivery(notice_id=one, channel=Channel.EMAIL) for one in notice_ids)
        jobs: list[JSONDict] = [{"delivery_id": one.pk} for one in queued]
        app.configure_task("notices:send_email").batch_defer(*jobs)
