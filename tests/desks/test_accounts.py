"""Coming in, going out, being kept out, and looking after one's people."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

from factories import parties as factory
from finmart.centres.technical.audit.models import Entry
from finmart.centres.technical.parties import operations, queries
from finmart.centres.technical.parties.models import Person
from finmart.centres.technical.parties.types import MandateScope, OrganisationKind, PartiesAct, Role
from finmart.kit import clock
from finmart.twin import people

PASSWORD = "a long enough secret"
SIGN_IN = "/accounts/sign-in/"
pytestmark = pytest.mark.django_db


def person_with_password(of=None, *roles: Role, full_name="张三"):
    organisation = of or factory.organisation()
    actor = factory.member(organisation, *(roles or (Role.ENTERPRISE_CLERK,)), full_name=full_name)
    person = Person.objects.get(pk=actor.person_id)
    person.set_password(PASSWORD)
    person.save()
    return person, actor


def signed_in(client, person):
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def denials():
    return list(Entry.objects.filter(outcome="DENIED").values_list("content", flat=True))


@pytest.mark.clause("F4")
def test_sign_in_and_sign_out_are_on_record(client):
    person, _ = person_with_password()
    answer = client.post(SIGN_IN, {"username": f" {person.username.upper()} ", "password": PASSWORD})
    assert answer.status_code == 302
    assert answer["Location"] == "/"
    assert client.post("/accounts/sign-out/").status_code == 302
    tags = Entry.objects.filter(person_id=person.pk).order_by("id").values_list("tag", flat=True)
    assert list(tags)[-2:] == [PartiesAct.SESSION_SIGN_IN, PartiesAct.SESSION_SIGN_OUT]
    assert client.get("/accounts/security/")["Location"].startswith(SIGN_IN)


@pytest.mark.clause("F4")
def test_a_wrong_password_is_refused_beside_the_form_and_recorded_without_the_password(client):
    person, _ = person_with_password()
    answer = client.post(SIGN_IN, {"username": person.username, "password": "guessed secret"})
    assert answer.status_code == 422
    assert "登录名或密码不正确" in answer.content.decode()
    assert denials() == [{"reason": f"登录名或密码不正确：{person.username}"}]
    assert not Entry.objects.filter(content__icontains="guessed secret").exists()


@pytest.mark.clause("F5")
def test_five_failures_lock_the_account_and_the_page_says_until_when(client):
    person, _ = person_with_password()
    for _ in range(5):
        answer = client.post(SIGN_IN, {"username": person.username, "password": "wrong"})
    assert answer.status_code == 429
    until = clock.now().astimezone(clock.CITY_ZONE) + timedelta(minutes=15)
    shown = re.search(r"请在 (\d\d:\d\d) 之后再试", answer.content.decode())
    assert shown is not None
    assert shown[1] in {f"{until:%H:%M}", f"{until - timedelta(minutes=1):%H:%M}"}
    assert client.post(SIGN_IN, {"username": person.username, "password": PASSWORD}).status_code == 429
    assert [row["reason"][:5] for row in denials()][-2:] == ["账户已锁定", "账户已锁定"]
    assert client.get("/accounts/security/").status_code == 302


def test_after_sign_in_only_an_address_of_our_own_is_followed(client):
    person, _ = person_with_password()
    asked = {"username": person.username, "password": PASSWORD}
    assert client.post(SIGN_IN, {**asked, "next": "https://example.org/"})["Location"] == "/"
    client.post("/accounts/sign-out/")
    assert client.post(SIGN_IN, {**asked, "next": "/accounts/security/"})["Location"] == "/accounts/security/"


def test_who_has_two_places_chooses_and_a_strangers_place_is_not_found(client):
    person, _ = person_with_password()
    bank = factory.organisation(OrganisationKind.BANK)
    held = operations.add_member(
        factory.SYSTEM, person_id=person.pk, organisation_id=bank.id, roles=[Role.INSTITUTION_REVIEWER]
    )
    stranger, _ = person_with_password()
    foreign = queries.memberships_of(stranger.pk)[0].id
    assert client.post(SIGN_IN, {"username": person.username, "password": PASSWORD})["Location"] == "/accounts/choose/"
    assert client.post("/accounts/choose/", {"membership": foreign}).status_code == 404
    assert client.post("/accounts/choose/", {"membership": held})["Location"] == "/"
    assert bank.name in client.get("/accounts/security/").content.decode()
    assert client.post("/accounts/choose/", {"membership": "x'"}).status_code == 422


def test_demo_accounts_are_listed_in_the_demo_only(client, settings):
    settings.FINMART_DEMO = False
    assert "演示账户" not in client.get(SIGN_IN).content.decode()
    settings.FINMART_DEMO = True
    shown = client.get(SIGN_IN).content.decode()
    assert all(text in shown for text in ("clerk", "示例银行甲 · 审批人", people.DEMO_PASSWORD))


def code_now(secret):
    _, counter, *_ = yield_hotp_counters_from_time()
    return format_hotp_value(hotp_value(secret, counter))


@pytest.mark.clause("F5")
def test_a_second_factor_is_enrolled_asked_for_once_per_code_and_can_be_replaced_by_a_spare_code(client):
    person, _ = person_with_password()
    signed_in(client, person)
    page = client.get("/accounts/security/second-factor/")
    secret = page.context["secret"]
    assert client.post("/accounts/security/second-factor/", {"code": "000000x"}).status_code == 422
    enrolled = client.post("/accounts/security/second-factor/", {"code": code_now(secret)})
    spare = enrolled.context["codes"]
    assert len(spare) >= 8
    stored = str(person.authenticator_set.values_list("data", flat=True))
    assert secret not in stored
    client.post("/accounts/sign-out/")

    def password_step():
        answer = client.post(SIGN_IN, {"username": person.username, "password": PASSWORD})
        assert answer["Location"] == "/accounts/second-factor/"
        assert client.get("/accounts/security/").status_code == 302

    password_step()
    code = code_now(secret)
    assert client.post("/accounts/second-factor/", {"code": "12"}).status_code == 422
    assert client.post("/accounts/second-factor/", {"code": code})["Location"] == "/"
    assert client.get("/accounts/security/").status_code == 200
    client.post("/accounts/sign-out/")
    password_step()
    assert client.post("/accounts/second-factor/", {"code": code}).status_code == 422
    assert client.post("/accounts/second-factor/", {"code": spare[0]})["Location"] == "/"
    client.post("/accounts/sign-out/")
    password_step()
    assert client.post("/accounts/second-factor/", {"code": spare[0]}).status_code == 422


def test_the_code_page_without_a_right_password_leads_back(client):
    assert client.get("/accounts/second-factor/")["Location"] == SIGN_IN


def test_a_password_is_changed_only_with_the_old_one_and_for_a_strong_one(client):
    person, _ = person_with_password()
    signed_in(client, person)
    path = "/accounts/security/password/"
    strong = "another long secret"
    wrong = client.post(path, {"old": "no", "new": strong, "again": strong})
    assert wrong.status_code == 422
    assert "原密码不正确" in wrong.context["form"].errors["old"][0]
    weak = client.post(path, {"old": PASSWORD, "new": "123", "again": "123"})
    assert "new" in weak.context["form"].errors
    assert client.post(path, {"old": PASSWORD, "new": strong, "again": "other"}).status_code == 422
    assert client.post(path, {"old": PASSWORD, "new": strong, "again": strong}).status_code == 302
    assert client.get("/accounts/security/").status_code == 200
    person.refresh_from_db()
    assert person.check_password(strong)


@pytest.mark.clause("F3")
def test_the_legal_person_adds_changes_and_removes_people(client):
    firm = factory.organisation()
    legal, _ = person_with_password(firm, Role.ENTERPRISE_LEGAL_PERSON, full_name="王法人")
    signed_in(client, legal)
    wanted = {"full_name": "李经办", "username": "li.jingban", "roles": [Role.ENTERPRISE_CLERK]}
    told = client.post("/accounts/members/", wanted, follow=True).content.decode()
    password = re.search(r"初始密码 ([\w-]+)（", told)[1]
    member = next(row for row in queries.members_for(queries.actor_for(legal.pk)) if row.username == "li.jingban")
    assert Person.objects.get(pk=member.person.id).check_password(password)
    again = client.post("/accounts/members/", {**wanted, "full_name": "别人"})
    assert again.status_code == 422
    assert "该登录名已被使用" in str(again.context["form"].errors["username"])
    forged = client.post("/accounts/members/", {**wanted, "roles": [Role.OPERATOR_ADMINISTRATOR]})
    assert "roles" in forged.context["form"].errors
    gone = client.post(f"/accounts/members/{member.membership_id}/end/")
    assert gone.status_code == 302
    assert queries.actor_for(member.person.id).organisation_id is None


@pytest.mark.clause("F3")
def test_pages_of_people_open_to_members_only_and_acts_to_who_manages(client):
    firm = factory.organisation()
    person_with_password(firm, Role.ENTERPRISE_LEGAL_PERSON)
    clerk, _ = person_with_password(firm)
    stranger, _ = person_with_password()
    member = queries.memberships_of(clerk.pk)[0].id
    for path in ("/accounts/members/", "/accounts/mandates/", "/accounts/security/", "/accounts/choose/"):
        assert client.get(path).status_code == 302
    signed_in(client, stranger)
    assert client.post(f"/accounts/members/{member}/end/").status_code == 404
    assert client.get(f"/accounts/members/{member}/roles/").status_code == 404
    signed_in(client, clerk)
    added = {"full_name": "a", "username": "ab", "roles": [Role.ENTERPRISE_CLERK]}
    assert client.post("/accounts/members/", added).status_code == 403
    assert not Person.objects.filter(username="ab").exists()
    answer = client.post(
        "/accounts/mandates/grant/", {"person": clerk.pk, "scope": MandateScope.ALL, "valid_to": "2099-01-01"}
    )
    assert answer.status_code == 403
    assert not queries.can_sign_for(clerk.pk, firm.id, MandateScope.CONTRACT)
    assert len(denials()) == 2


@pytest.mark.clause("F3")
def test_a_mandate_is_granted_and_revoked_on_the_page(client):
    firm = factory.organisation()
    legal, _ = person_with_password(firm, Role.ENTERPRISE_LEGAL_PERSON)
    clerk, _ = person_with_password(firm)
    signed_in(client, legal)
    grant = {"person": clerk.pk, "scope": MandateScope.CONTRACT, "valid_to": "2001-01-01"}
    late = client.post("/accounts/mandates/grant/", grant)
    assert late.status_code == 422
    assert "授权截止时间必须晚于现在" in late.content.decode()
    assert client.post("/accounts/mandates/grant/", {**grant, "valid_to": "2099-01-01"}).status_code == 302
    assert queries.can_sign_for(clerk.pk, firm.id, MandateScope.CONTRACT)
    mandate = next(row for row in queries.mandates_for(queries.actor_for(legal.pk)) if row.person.id == clerk.pk)
    assert client.post(f"/accounts/mandates/{mandate.id}/revoke/").status_code == 302
    assert not queries.can_sign_for(clerk.pk, firm.id, MandateScope.CONTRACT)


def test_a_deputy_is_appointed_and_ended_on_the_page(client):
    firm = factory.organisation()
    clerk, _ = person_with_password(firm)
    colleague, standing_in = person_with_password(firm)
    signed_in(client, clerk)
    today = clock.today().isoformat()
    wanted = {"deputy": colleague.pk, "valid_from": today, "valid_to": today}
    assert client.post("/accounts/deputies/appoint/", {**wanted, "valid_to": "2001-01-01"}).status_code == 422
    assert client.post("/accounts/deputies/appoint/", wanted).status_code == 302
    assert queries.absent_persons_of(standing_in) == [clerk.pk]
    row = queries.deputies_for(queries.actor_for(clerk.pk))[0]
    assert client.post(f"/accounts/deputies/{row.id}/end/").status_code == 302
    assert queries.absent_persons_of(standing_in) == []
