"""Whom to turn to in a case: masked; in full for a purpose, with a second factor, for minutes, told and recorded."""

from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.auth import get_user_model
from django.test import Client

from factories import cases as case_factory
from factories import parties
from finmart.centres.technical.audit.models import Entry
from finmart.centres.technical.masking.models import Unmasking
from finmart.centres.technical.notices import queries as notices_queries
from finmart.centres.technical.parties import operations as parties_operations
from finmart.centres.technical.parties import queries as parties_queries
from finmart.desks.accounts import factors
from finmart.kit import clock, transactions

PHONE, EMAIL = "13812341234", "clerk@example.org"
pytestmark = pytest.mark.django_db


class Case:
    """A firm and a bank at one case; the firm's clerk has said how to be reached."""

    def __init__(self):
        self.clerk, self.manager = parties.enterprise(), parties.bank()
        self.ref = case_factory.loan_case(self.clerk, self.manager)
        parties_operations.change_contact(self.clerk, phone=PHONE, email=EMAIL)
        uuid = parties_queries.own_contact(self.clerk).uuid
        self.contacts = f"/cases/{self.ref.number}/contacts/"
        self.unmask = f"{self.contacts}{uuid}/"


@pytest.fixture
def case():
    return Case()


def _client(actor):
    client = Client()
    client.force_login(
        get_user_model().objects.get(pk=actor.person_id), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def _enrolled(actor):
    """Return a function that gives the code of this moment."""
    secret = factors.new_secret()

    def code():
        _, counter, *_ = yield_hotp_counters_from_time()
        return format_hotp_value(hotp_value(secret, counter))

    factors.enrol(factors.person(actor.person_id), secret, code())
    return code


def _asked(code, **words):
    return {"purpose": "VERIFICATION", "words": "核对授信材料中的电话", "code": code, **words}


@pytest.mark.clause("D2")
def test_contacts_are_masked_for_all_but_their_owner(case):
    own = _client(case.clerk).get(case.contacts).text
    assert PHONE in own
    for reader in (case.manager, parties.colleague(case.clerk), parties.operator()):
        page = _client(reader).get(case.contacts).text
        assert PHONE not in page
        assert EMAIL not in page
        assert "138****1234" in page
        assert "c***@example.org" in page
    assert _client(parties.bank()).get(case.contacts).status_code == 404


@pytest.mark.clause("D2")
def test_shown_in_full_with_purpose_and_code_for_five_minutes_told_and_recorded(case):
    client, code = _client(case.manager), _enrolled(case.manager)
    answer = client.post(case.unmask, _asked(code()))
    assert (answer.status_code, answer.headers["Location"]) == (302, case.contacts)
    page = client.get(case.contacts).text
    assert PHONE in page
    assert EMAIL in page
    assert PHONE not in _client(parties.colleague(case.manager)).get(case.contacts).text
    with clock.moved_to(clock.now() + timedelta(minutes=6)):
        assert PHONE not in client.get(case.contacts).text
    assert Entry.objects.filter(tag="masking:value:unmask", person_id=case.manager.person_id).exists()
    own = _client(case.clerk).get("/accounts/own/").text
    assert "核对授信材料中的电话" in own
    assert case.manager.organisation_name in own


@pytest.mark.clause("D2")
def test_the_person_concerned_is_told(case):
    code = _enrolled(case.manager)
    with transactions.opened():
        assert _client(case.manager).post(case.unmask, _asked(code())).status_code == 302
    notices = notices_queries.notices_for(case.clerk)
    assert any("查看了您或本单位的联系方式原值" in notice.title for notice in notices)


@pytest.mark.clause("D2")
def test_without_a_second_factor_one_clear_sentence(case):
    client = _client(case.manager)
    assert "显示原值需要动态验证码，您尚未启用" in client.get(case.unmask).text
    answer = client.post(case.unmask, _asked("123456"))
    assert answer.status_code == 422
    assert "您尚未启用" in answer.text
    assert not Unmasking.objects.exists()


def test_wrong_code_no_purpose_or_too_few_words_show_nothing(case):
    client, code = _client(case.manager), _enrolled(case.manager)
    assert client.post(case.unmask, _asked("000000")).status_code == 422
    assert client.post(case.unmask, _asked(code(), purpose="CURIOSITY")).status_code == 422
    answer = client.post(case.unmask, _asked(code(), words="看看"))
    assert answer.status_code == 422
    assert "请用 5 至 300 个字说明" in answer.text
    assert not Unmasking.objects.exists()


def test_strangers_cannot_ask_and_one_needs_no_showing_of_ones_own(case):
    assert _client(parties.bank()).post(case.unmask, _asked("123456")).status_code == 404
    code = _enrolled(case.clerk)
    assert _client(case.clerk).post(case.unmask, _asked(code())).status_code == 403
    assert not Unmasking.objects.exists()


def test_one_says_oneself_how_to_be_reached(case):
    client = _client(case.clerk)
    assert client.post("/accounts/own/", {"phone": "0512-6800 1234", "email": ""}).status_code == 302
    assert parties_queries.own_contact(case.clerk).phone == "051268001234"
    assert client.post("/accounts/own/", {"phone": "电话", "email": "x"}).status_code == 422
    changed = Entry.objects.filter(tag="parties:person:change_contact").order_by("id").last()
    assert changed.content == {"changed": ["phone", "email"]}
