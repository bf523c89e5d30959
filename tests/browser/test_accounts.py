"""The pages of one's own account and people, as a browser shows them."""

import pytest

from factories import parties as factory
from finmart.centres.technical.parties import operations
from finmart.centres.technical.parties.models import Person
from finmart.centres.technical.parties.types import MandateScope, OrganisationKind, Role
from finmart.kit import clock, transactions

pytestmark = pytest.mark.browser
PASSWORD = "a long enough secret"


@pytest.fixture
def legal(site):
    """The name of a legal person who has a colleague, a mandate granted and a second place."""
    with transactions.opened():
        firm = factory.organisation(name="苏州示例精密机械制造有限公司")
        actor = factory.member(firm, Role.ENTERPRISE_LEGAL_PERSON, full_name="王法人")
        clerk = factory.member(firm, Role.ENTERPRISE_CLERK, full_name="李经办")
        operations.grant_mandate(
            actor, person_id=clerk.person_id, organisation_id=firm.id, scope=MandateScope.CONTRACT, valid_to=None
        )
        operations.appoint_deputy(
            actor,
            deputy_id=clerk.person_id,
            valid_from=clock.now(),
            valid_to=clock.now().replace(year=clock.now().year + 1),
        )
        guarantor = factory.organisation(OrganisationKind.GUARANTOR, name="苏州示例融资担保有限公司")
        operations.add_member(
            factory.SYSTEM,
            person_id=actor.person_id,
            organisation_id=guarantor.id,
            roles=[Role.INSTITUTION_ADMINISTRATOR],
        )
        person = Person.objects.get(pk=actor.person_id)
        person.set_password(PASSWORD)
        person.save()
    return person.username


def test_a_person_signs_in_chooses_and_signs_out(page_as, legal):
    visit = page_as()
    visit.go("/accounts/sign-in/?next=/accounts/members/")

    def sign_in(page):
        page.fill("[name=username]", legal)
        page.fill("[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_url("**/accounts/choose/")

    visit.do(sign_in)
    visit.check("choose")

    def choose(page):
        page.click("text=苏州示例精密机械制造有限公司 >> visible=true >> nth=-1")
        page.wait_for_url("**/accounts/members/")
        page.click("summary[title=王法人]")
        page.click("text=退出登录")
        page.wait_for_selector("text=您已退出登录")

    visit.do(choose)


def test_a_wrong_password_is_told_in_place(page_as, legal):
    visit = page_as()
    visit.go("/accounts/sign-in/")

    def sign_in(page):
        page.fill("[name=username]", legal)
        page.fill("[name=password]", "wrong")
        page.click("main button[type=submit]")
        page.wait_for_selector("text=登录名或密码不正确")

    visit.do(sign_in)
    visit.check("sign-in-wrong")


@pytest.mark.parametrize(
    "path", ["members", "mandates", "security", "security/password", "security/second-factor"], ids=lambda p: p
)
def test_pages_of_accounts_are_quiet_narrow_and_accessible(page_as, legal, path):
    visit = page_as(legal)
    assert visit.go(f"/accounts/{path}/") == 200
    visit.check(f"accounts-{path.replace('/', '-')}")


def test_a_question_is_asked_before_a_colleague_is_removed(page_as, legal):
    visit = page_as(legal, phone=True)
    visit.go("/accounts/members/")

    def remove(page):
        page.click("[aria-label='移除：李经办']")
        page.click("dialog [data-answer=no]")
        assert page.is_visible("text=李经办")
        page.click("[aria-label='移除：李经办']")
        page.click("dialog [data-answer=yes]")
        page.wait_for_selector("text=已移除该人员")

    visit.do(remove)


def test_a_demo_account_is_filled_in_by_one_press(page_as, settings):
    settings.FINMART_DEMO = True
    visit = page_as(phone=True)
    visit.go("/accounts/sign-in/")

    def fill(page):
        page.click("[data-fill] >> text=approver >> nth=0")
        return page.input_value("[name=username]"), page.input_value("[name=password]")

    assert visit.do(fill) == ("approver", "finmart-demo-2026")
    visit.check("sign-in-demo")
