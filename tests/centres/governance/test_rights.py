"""Requests about one's own data: who may ask, the clocks, what an archive holds, what a deletion removes (F2)."""

import datetime as dt
import json
import zipfile

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import ForeignKey
from django.test import Client

from factories import parties
from factories.consents import consent
from factories.profiles import facts
from finmart.centres.data.consents.types import AfterEnd, Mode
from finmart.centres.data.profiles import operations as profiles_operations
from finmart.centres.data.profiles.models import Fact, FactCopy
from finmart.centres.governance.rights import operations, queries, tasks
from finmart.centres.governance.rights.rules.held import HELD, NOT_HELD
from finmart.centres.governance.rights.types import Outcome, RequestKind, RequestState, UnableToHandle, UnableToRequest
from finmart.centres.technical.audit.models import Entry
from finmart.centres.technical.notices import queries as notices_queries
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.centres.technical.parameters.types import Unit
from finmart.centres.technical.parties.models import Organisation, Person
from finmart.centres.technical.parties.types import Role
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, Conflict, NotFound, Refusal
from seen import seen

pytestmark = [pytest.mark.clause("F2")]
LEGAL = Role.ENTERPRISE_LEGAL_PERSON


@pytest.fixture
def legal(db):
    return parties.enterprise(LEGAL)


@pytest.fixture
def operator(db):
    return parties.operator()


def _asked(actor, kind, *, for_firm=True, **options):
    return operations.request(actor, kind, for_firm=for_firm, **options)


def _answered(actor, operator, kind, *, for_firm=True, **options):
    uuid = _asked(actor, kind, for_firm=for_firm, **options)
    operations.accept(operator, uuid)
    operations.answer(operator, uuid, Outcome.GRANTED, text="")
    return uuid


def _archive(actor, uuid):
    with operations.archive(actor, uuid) as made, zipfile.ZipFile(made) as zipped:
        return {name: zipped.read(name) for name in zipped.namelist()}


def test_every_model_that_names_a_firm_or_a_person_is_held_or_left_out_with_a_reason():
    known = {held.model for held in HELD} | set(NOT_HELD)
    loose = {"person_id", "organisation_id", "subject_id", "lane_person_id"}
    naming = set()
    for model in apps.get_models():
        columns = model._meta.concrete_fields if model.__module__.startswith("finmart.") else ()
        keys = {one.related_model for one in columns if isinstance(one, ForeignKey)}
        if keys & {Organisation, Person} or loose & {one.name for one in columns}:
            naming.add(model._meta.label)
    missing = naming - known
    assert not missing, f"say in rights/rules/held.py how these rows belong to a firm or person, or why not: {missing}"
    assert not {held.model for held in HELD} - {model._meta.label for model in apps.get_models()}


def test_every_path_of_what_is_held_can_be_asked_for_firm_and_person(legal, operator):
    for for_firm in (True, False):
        uuid = _answered(legal, operator, RequestKind.EXPORT, for_firm=for_firm)
        assert len(json.loads(_archive(legal, uuid)["manifest.json"])["contents"]) > 15


def test_who_may_ask(legal):
    clerk, bank, person = parties.colleague(legal, Role.ENTERPRISE_CLERK), parties.bank(), parties.person()
    for who in (clerk, bank, person):
        with pytest.raises(AccessDenied):
            _asked(who, RequestKind.ACCESS)
        _asked(who, RequestKind.ACCESS, for_firm=False)
    with pytest.raises(AccessDenied):
        _asked(Actor.visitor(), RequestKind.ACCESS, for_firm=False)
    uuid = _asked(legal, RequestKind.ACCESS)
    with pytest.raises(Conflict):
        _asked(legal, RequestKind.ACCESS)
    for stranger in (clerk, bank, person, parties.enterprise(LEGAL), Actor.visitor()):
        for act in (queries.request_for, operations.withdraw, operations.archive):
            with pytest.raises(NotFound):
                act(stranger, uuid)
    operations.withdraw(legal, uuid)
    assert queries.request_for(legal, uuid).state == RequestState.WITHDRAWN
    _asked(legal, RequestKind.ACCESS)


def test_the_clock_runs_in_working_days_and_its_end_is_told_once(legal, operator):
    administrator = parties.operator(Role.OPERATOR_ADMINISTRATOR)
    uuid = _asked(legal, RequestKind.ACCESS)
    found = queries.request_for(legal, uuid)
    calendar = parameters_queries.working_calendar()
    assert round(calendar.between(found.made_at, found.accept_by, Unit.WORKING_DAYS)) == 3
    assert round(calendar.between(found.made_at, found.answer_by, Unit.WORKING_DAYS)) == 15
    job = Actor.of_system("job")
    with clock.moved_to(found.accept_by + dt.timedelta(minutes=1)):
        assert (operations.escalate(job), operations.escalate(job)) == (1, 0)
        assert queries.request_for(operator, uuid).is_overdue
        assert any("超过期限" in one.title for one in notices_queries.notices_for(administrator))
        assert any("超过办理期限" in one.title for one in notices_queries.notices_for(legal))
        operations.accept(operator, uuid)
    with clock.moved_to(found.answer_by + dt.timedelta(minutes=1)):
        assert operations.escalate(job) == 1
    with pytest.raises(AccessDenied):
        operations.escalate(operator)
    assert tasks.escalate.name == "rights:escalate"


def test_a_refusal_takes_a_ground_and_another_person_looks_again(legal, operator):
    uuid = _asked(legal, RequestKind.DELETION)
    operations.accept(operator, uuid)
    for ground, text, field in (("", "理由", "ground"), ("RETENTION", " ", "text")):
        with pytest.raises(UnableToHandle) as refused:
            operations.answer(operator, uuid, Outcome.REFUSED, text=text, ground=ground)
        assert refused.value.field == field
    operations.answer(operator, uuid, Outcome.REFUSED, text="合同保存期未满", ground="RETENTION")
    operations.appeal(legal, uuid, "只要求删除画像")
    with pytest.raises(AccessDenied):
        operations.review(operator, uuid, is_upheld=True, text="维持")
    other = parties.colleague(operator)
    operations.review(other, uuid, is_upheld=False, text="可以部分删除")
    assert queries.request_for(legal, uuid).state == RequestState.ACCEPTED
    operations.answer(other, uuid, Outcome.PARTLY, text="删除画像，合同保留", ground="RETENTION")
    for hand in (legal, parties.bank(), parties.person()):
        with pytest.raises(AccessDenied):
            operations.accept(hand, uuid)


def test_nobody_handles_his_own_request(operator):
    uuid = _asked(operator, RequestKind.ACCESS, for_firm=False)
    with pytest.raises(AccessDenied):
        operations.accept(operator, uuid)


def test_an_archive_holds_what_is_known_and_nothing_of_others(legal, operator):
    facts(legal.organisation_id, employees=37)
    rival = parties.enterprise(LEGAL)
    facts(rival.organisation_id, employees=4_242)
    uuid = _answered(legal, operator, RequestKind.ACCESS)
    found = _archive(legal, uuid)
    manifest = json.loads(found["manifest.json"])
    assert manifest["format"] == "finmart-archive/1"
    kept = {row["fact_type"]: row["number"] for row in json.loads(found["profiles.Fact.json"])}
    assert kept["employees"] == "37.000000"
    assert b"4242" not in b"".join(found.values())
    assert {one["file"]: one["rows"] for one in manifest["contents"]}["profiles.Fact.json"] == len(kept)
    assert any("贷后检查" in one["label"] for one in manifest["left_out"])
    assert Entry.objects.filter(tag="rights:archive:fetch", subject=f"data_request:{uuid}").count() == 1
    with pytest.raises(NotFound):
        operations.archive(rival, uuid)
    with clock.moved_to(clock.now() + dt.timedelta(days=16)), pytest.raises(Refusal):
        operations.archive(legal, uuid)


def test_a_persons_archive_has_no_password_and_no_secret_index(operator):
    person = parties.person("王五")
    uuid = _answered(person, operator, RequestKind.EXPORT, for_firm=False)
    (row,) = json.loads(_archive(person, uuid)["parties.Person.json"])
    assert row["full_name"] == "王五"
    assert not {"password", "identity_digest", "email_index", "phone_index"} & set(row)


def test_a_granted_deletion_is_real_and_says_what_stays(legal, operator):
    bank = parties.bank()
    facts(legal.organisation_id, employees=37)
    rival = parties.enterprise(LEGAL)
    facts(rival.organisation_id, employees=1)
    consent(legal, bank, "employees", mode=Mode.STORE, after_end=AfterEnd.BLOCK)
    copy = profiles_operations.keep_copy(bank, legal.organisation_id, "LOAN_REVIEW")
    trail = Entry.objects.count()
    uuid = _answered(legal, operator, RequestKind.DELETION)
    assert not seen(Fact).filter(organisation_id=legal.organisation_id).exists()
    assert seen(Fact).filter(organisation_id=rival.organisation_id).exists()
    gone = seen(FactCopy).get(uuid=copy)
    assert (gone.content, gone.state, gone.ended_by) == (None, "DELETED", "ERASED")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sources_invoice WHERE organisation_id = %s", [legal.organisation_id])
        assert cursor.fetchone() == (0,)
    effect = queries.request_for(legal, uuid).effect
    assert effect["删除"]["画像"] >= 1
    assert effect["删除"]["机构留存的副本"] == 1
    assert any("留痕" in label for label, _ in effect["保留"])
    assert Entry.objects.count() > trail


def test_a_deletion_waits_for_loans_that_run(legal, operator, monkeypatch):
    uuid = _asked(legal, RequestKind.DELETION)
    operations.accept(operator, uuid)
    monkeypatch.setattr(queries, "blocking", lambda *_: ("贷款 DK1 尚未结清",))
    assert queries.request_for(operator, uuid).blocking
    with pytest.raises(UnableToHandle) as refused:
        operations.answer(operator, uuid, Outcome.GRANTED, text="同意")
    assert "DK1" in refused.value.message
    operations.answer(operator, uuid, Outcome.PARTLY, text="贷款结清前保留合同", ground="RUNNING")


def test_a_persons_contact_is_corrected_and_deleted(operator):
    person = parties.person()
    for options, field in (
        ({"field": "", "value": "x"}, "field"), ({"field": "EMAIL", "value": "无"}, "value"),
        ({"field": "ADDRESS", "value": "某路1号"}, "field"), ({"field": "OTHER", "text": " "}, "text"),
    ):  # fmt: skip
        with pytest.raises(UnableToRequest) as refused:
            _asked(person, RequestKind.CORRECTION, for_firm=False, **options)
        assert refused.value.field == field
    _answered(person, operator, RequestKind.CORRECTION, for_firm=False, field="PHONE", value="13800000000")
    assert Person.objects.get(pk=person.person_id).phone == "13800000000"
    _answered(person, operator, RequestKind.DELETION, for_firm=False)
    assert Person.objects.get(pk=person.person_id).phone == ""
    assert [one.title for one in notices_queries.notices_for(person)] == ["数据权利申请已答复：同意"]


def test_a_firms_address_is_corrected(legal, operator):
    _answered(legal, operator, RequestKind.CORRECTION, field="ADDRESS", value="苏州市某路1号")
    assert Organisation.objects.get(pk=legal.organisation_id).address == "苏州市某路1号"


def _client(actor):
    client = Client()
    person = get_user_model().objects.get(pk=actor.person_id)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_whole_way_over_the_pages(legal, operator):
    firm, office = _client(legal), _client(operator)
    wrong = firm.post("/desk/rights/new/", {"subject": "FIRM", "kind": "CORRECTION"})
    assert wrong.status_code == 422
    assert "请选择要更正的内容" in wrong.text
    made = firm.post("/desk/rights/new/", {"subject": "FIRM", "kind": "EXPORT"})
    assert made.status_code == 302
    address = made.headers["Location"]
    uuid = address.rstrip("/").rsplit("/", 1)[1]
    assert "待受理" in firm.get(address).text
    assert uuid in office.get("/operator/rights/").text
    assert office.post(f"/operator/rights/{uuid}/accept/").status_code == 302
    assert office.post(f"/operator/rights/{uuid}/answer/", {"outcome": "REFUSED"}).status_code == 422
    assert office.post(f"/operator/rights/{uuid}/answer/", {"outcome": "GRANTED"}).status_code == 302
    assert "下载全部数据" in firm.get(address).text
    sent = firm.post(f"{address}archive/")
    assert sent.headers["Content-Type"] == "application/zip"
    assert b"".join(sent.streaming_content)[:2] == b"PK"
    assert uuid in office.get("/operator/rights/?state=DONE").text
    assert "SQ" in firm.get("/desk/rights/").text
