"""None of grade 3 and above leaks to who may not see it: on no page, export, paper, mail, log line, or in the trail."""

import io
import json
import logging
import zipfile
from functools import cache

import pypdf
import pytest
from click.testing import CliRunner
from django.core import mail
from django.db import connection
from django.test import Client

from architecture.test_row_policies import GUARDED
from finmart.centres.business.cases import queries as cases_queries
from finmart.centres.business.funds import queries as funds_queries
from finmart.centres.data.desensitised import operations as desensitised_operations
from finmart.centres.data.profiles.types import FACT_TYPES, FactKind
from finmart.centres.technical.audit import queries as audit_queries
from finmart.centres.technical.notices import operations as notices_operations
from finmart.centres.technical.notices.models import Delivery
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.processes import queries as processes_queries
from finmart.config import commands, logs
from finmart.kit import masks, transactions
from finmart.kit.actor import Actor
from finmart.kit.grades import Shape
from portals import canaries
from portals.test_access_matrix import PARTIES, World, _pages, _table

SYSTEM = Actor.of_system("aviary")
TABS = ("timeline", "flow", "papers", "messages", "funds")


class Aviary(World):
    """The world of the access matrix with canaries in it."""

    def __init__(self, owner_session):
        with canaries.registering() as born:
            super().__init__()
        with transactions.opened():
            self.canaries = canaries.sown(born)
        self.in_dump = canaries.dumped(owner_session, self.canaries)
        self.canaries += canaries.words(owner_session)
        with transactions.opened():
            self.numbers = [*canaries.numbers(self.actors["legal"].organisation_id)]
        self.canaries += self.numbers

    def viewer(self, party):
        """Return who this party is now: one who has left its organisation acts for none."""
        actor = self.actors[party]
        return parties_queries.actor_for(actor.person_id) if actor else Actor.visitor()

    def addresses(self):
        """Yield every page of the access matrix that is asked with GET, and all tabs of both cases."""
        for name, wanted in _pages():
            if _table()[name][0] == "get":
                yield self.address(name, wanted)
        lent = cases_queries.number_for(SYSTEM, self.lent.case_uuid)
        for number in (self.words["cases"]["number"], lent):
            yield from (f"/cases/{number}/?tab={tab}" for tab in TABS)

    def leaks(self, party, addresses):
        """Return where the party reads what the policy keeps from it: address and field."""
        forbidden = [one for one in self.canaries if not one.may_be_seen_by(self.viewer(party))]
        client = Client()
        if party in self.sessions:
            client.cookies["sessionid"] = self.sessions[party]
        pages = ((address, _text(client.get(address))) for address in addresses)
        return sorted({(address, one.field) for address, text in pages for one in forbidden if one.token in text})


class Written(logging.Handler):
    """Keeps what a server would write to its log."""

    def __init__(self):
        super().__init__()
        self.setFormatter(logs.JsonLine())
        self.lines = []

    def emit(self, record):
        self.lines.append(self.format(record))


@pytest.fixture(scope="module")
def aviary(module_owner_database):
    return Aviary(module_owner_database)


@pytest.fixture
def written():
    handler, root = Written(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield handler.lines
    root.removeHandler(handler)
    root.setLevel(level)


def _text(answer):
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if answer.headers.get("Content-Type", "").startswith("application/pdf"):
        return _text_of_paper(content)
    if content.startswith(b"PK"):  # a workbook is a folder of packed texts
        with zipfile.ZipFile(io.BytesIO(content)) as workbook:
            content = b"".join(workbook.read(name) for name in workbook.namelist())
    return content.decode("utf-8", "replace")


@cache
def _text_of_paper(content):
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)


def _sung(aviary, text):
    return sorted({one.field for one in aviary.canaries if one.token in text})


@pytest.mark.clause("D2", "P2")
@pytest.mark.parametrize("party", PARTIES)
def test_no_page_export_paper_or_log_line_shows_what_the_party_may_not_see(aviary, written, party):
    leaks = aviary.leaks(party, aviary.addresses())
    assert not leaks, "\n".join(f"{address} {field}" for address, field in leaks)
    assert _sung(aviary, "\n".join(written)) == []


BROKEN = [
    (Shape.NAME, "operator", "?tab=timeline", "parties.Person.full_name"),
    (Shape.NAME, "operator", "?tab=funds", "funds.Payee.name"),
    (Shape.PHONE, "legal", "contacts/", "parties.Person.phone"),
    (Shape.EMAIL, "operator", "contacts/", "parties.Person.email"),
    (Shape.ADDRESS, "legal", "contacts/", "parties.Organisation.address"),
]


@pytest.mark.clause("D2")
@pytest.mark.parametrize(("shape", "party", "page", "field"), BROKEN)
def test_a_mask_that_masks_nothing_is_found_out(aviary, monkeypatch, shape, party, page, field):
    addresses = [f"/cases/{cases_queries.number_for(SYSTEM, aviary.lent.case_uuid)}/{page}"]
    assert aviary.leaks(party, addresses) == []
    monkeypatch.setitem(masks._BY_SHAPE, shape, str)
    assert (addresses[0], field) in aviary.leaks(party, addresses)


@pytest.mark.clause("D2")
def test_graded_numbers_of_a_firm_are_heard_by_its_own_staff_alone(aviary):
    client = Client()
    client.cookies["sessionid"] = aviary.sessions["legal"]
    told = _text(client.get("/enterprise/profile/"))
    sung = {one.field.removeprefix("profiles.Fact.") for one in aviary.numbers if one.token in told}
    for kind, least in ((FactKind.INTEGER, 20), (FactKind.DECIMAL, 20), (FactKind.SERIES, 2)):
        heard = [code for code in sung if FACT_TYPES[code].kind is kind]
        assert len(heard) >= least, f"on the firm's own page there are only {heard} of {kind}"
    for party in ("rival", "other_bank", "former", "operator"):
        assert not [one for one in aviary.numbers if one.may_be_seen_by(aviary.viewer(party))]


@pytest.mark.clause("D2")
def test_the_event_log_tells_everybody_no_more_than_the_policy(aviary):
    for party in PARTIES:
        viewer = aviary.viewer(party)
        forbidden = [one for one in aviary.canaries if not one.may_be_seen_by(viewer)]
        for case in (aviary.story.case_uuid, aviary.lent.case_uuid):
            for instance in processes_queries.instances_of(viewer, case):
                told = repr(processes_queries.events_of(viewer, instance.uuid))
                assert not {one.field for one in forbidden if one.token in told}, party


@pytest.mark.clause("D2")
def test_who_is_paid_is_told_with_a_masked_account_to_everybody(aviary):
    for party in ("clerk", "operator"):
        (paid,) = funds_queries.disbursements_for(aviary.viewer(party), aviary.lent.case_uuid)
        assert paid.payees[0].account_masked == "**** 7654"
    assert paid.payees[0].name == "甄**"


@pytest.mark.clause("D2")
def test_mails_hold_no_words_and_no_identifier_but_the_address_they_go_to(aviary):
    with transactions.opened():
        for delivery in Delivery.objects.filter(state="QUEUED"):
            notices_operations.send_by_email(SYSTEM, delivery.pk)
    assert mail.outbox
    assert _sung(aviary, "".join(f"{one.body}{one.extra_headers}" for one in mail.outbox)) == []
    assert _sung(aviary, "".join(one.subject for one in mail.outbox)) in ([], ["notices.Notice.title"])


@pytest.mark.clause("D2")
def test_the_trail_names_nobody_in_full_and_holds_no_other_identifier(aviary):
    auditor = parties_queries.actor_for(aviary.actors["operator"].person_id)
    told = audit_queries.entries_for(auditor, limit=10_000)
    forbidden = [one for one in aviary.canaries if not one.may_be_seen_by(auditor)]
    text = json.dumps([[one.actor_label, one.subject, one.content] for one in told], ensure_ascii=False, default=str)
    assert len(told) > 100
    assert {one.field for one in forbidden if one.token in text} == set()


@pytest.mark.clause("D2")
def test_commands_print_no_identifier(aviary, monkeypatch):
    from contextlib import nullcontext

    from finmart.config.commands import session

    monkeypatch.setattr(session, "platform", lambda **_: nullcontext())
    for words in (["audit", "verify"], ["audit", "verify", "--json"], ["standard", "--json"], ["grades", "--json"]):
        told = CliRunner().invoke(commands.main, words)
        assert told.exit_code in {0, 1}, told.output
        assert _sung(aviary, told.output) == []


@pytest.mark.clause("D2")
def test_a_plain_dump_shows_no_identifier(aviary, module_owner_database):
    assert aviary.in_dump == set()
    words = [one for one in aviary.canaries if one.shape is Shape.WORDS]
    assert canaries.dumped(module_owner_database, words, Shape.WORDS), "the dump is looked at: it does show words"


def _standing_in(dumped, every):
    return {(table, one.field) for table, rows in dumped.items() for one in every if one.token in rows}


@pytest.mark.clause("D2")
def test_a_dump_of_the_application_shows_no_number_of_a_firm(aviary, module_owner_database):
    """The row policies hide them; what the application writes elsewhere holds none either."""
    connection.ensure_connection()
    dumped = canaries.whole_dump(connection.connection)
    assert not [table for table in GUARDED if dumped[table]]
    assert {
        (table, one.field) for table, rows in dumped.items() for one in aviary.numbers if one.token in rows
    } == set()
    whole = canaries.whole_dump(module_owner_database)
    sung = {one.field for one in aviary.numbers if one.token in whole["profiles_fact"]}
    assert sung == {one.field for one in aviary.numbers}, "a dump of the owner's does show each of them"


@pytest.mark.clause("D2")
def test_the_desensitised_store_holds_no_number_as_it_was_and_no_identifier(aviary, module_owner_database):
    with transactions.opened():
        assert desensitised_operations.build(SYSTEM) > 0
    dumped = canaries.whole_dump(module_owner_database)
    store = {table: rows for table, rows in dumped.items() if table.startswith("desensitised_")}
    assert any(store.values())
    assert {
        (table, one.field) for table, rows in store.items() for one in aviary.canaries if one.token in rows
    } == set()
