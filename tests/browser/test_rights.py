"""Requests about one's own data and the ledger of disclosures, as a browser shows them to every side."""

import pytest

from factories import parties as people
from factories.consents import consent
from factories.profiles import facts
from finmart.centres.data.profiles import queries as profiles_queries
from finmart.centres.governance.rights import operations
from finmart.centres.governance.rights.types import ContactField, Outcome, RequestKind
from finmart.centres.technical.parties.models import Person
from finmart.centres.technical.parties.types import Role
from finmart.kit import transactions
from finmart.kit.errors import AccessDenied

pytestmark = [pytest.mark.browser, pytest.mark.clause("F2")]
LEGAL = Role.ENTERPRISE_LEGAL_PERSON


@pytest.fixture
def firm(committed_database):
    with transactions.opened():
        return people.enterprise(LEGAL, name="吴门精工（苏州）有限公司")


@pytest.fixture
def operator(committed_database):
    with transactions.opened():
        return people.operator()


def _username(actor):
    return Person.objects.get(pk=actor.person_id).username


def _requests(firm, operator):
    """One of each kind: waiting, taken up, granted with an archive, refused, looked at again by somebody else."""
    with transactions.opened():
        other = people.colleague(operator)
        waiting = operations.request(firm, RequestKind.ACCESS, for_firm=True, text="请提供贵平台持有的全部数据")
        taken, granted, refused, again = (
            operations.request(firm, kind, for_firm=of_firm, **more)
            for kind, of_firm, more in (
                (RequestKind.DELETION, True, {"text": "企业拟注销"}),
                (RequestKind.EXPORT, True, {}),
                (RequestKind.CORRECTION, False, {"field": ContactField.EMAIL, "value": "new@example.org"}),
                (RequestKind.DELETION, False, {}),
            )
        )
        for uuid in (taken, granted, refused, again):
            operations.accept(other, uuid)
        operations.answer(other, granted, Outcome.GRANTED, text="")
        operations.answer(other, refused, Outcome.REFUSED, text="经电话核实，新邮箱不属于本人", ground="IDENTITY")
        operations.answer(other, again, Outcome.PARTLY, text="贷款合同须依法保存，其余已删除", ground="RETENTION")
        operations.appeal(firm, again, "合同已经结清，请再看一次")
    return {"waiting": waiting, "taken": taken, "granted": granted, "refused": refused, "again": again}


def test_requests_as_applicant_and_operator_see_them(page_as, firm, operator):
    uuids = _requests(firm, operator)
    visit = page_as(_username(firm))
    for address, name in (
        ("/desk/rights/", "rights-own"),
        ("/desk/rights/new/?kind=DELETION&subject=FIRM", "rights-new"),
        *((f"/desk/rights/{uuids[name]}/", f"rights-{name}") for name in ("waiting", "granted", "refused", "again")),
    ):
        assert visit.go(address) == 200
        visit.check(name)
    visit.go("/desk/rights/new/")
    visit.do(lambda page: (page.select_option("select[name=kind]", "CORRECTION"), page.click("button:text('提交')")))
    visit.do(lambda page: page.wait_for_load_state("networkidle"))
    visit.check("rights-new-refused")
    theirs = page_as(_username(operator))
    for address, name in (
        ("/operator/rights/", "rights-waiting-list"),
        ("/operator/rights/?state=DONE", "rights-done-list"),
        *((f"/operator/rights/{uuids[name]}/", f"right-{name}") for name in ("waiting", "taken", "again", "refused")),
    ):
        assert theirs.go(address) == 200
        theirs.check(name)


def test_the_ledger_as_firm_bank_and_operator_see_it(page_as, firm, operator):
    with transactions.opened():
        bank = people.bank(name="苏州乙银行园区支行")
        facts(firm.organisation_id, employees=120, annual_revenue_fen=1_200_000_000)
        consent(firm, bank, "employees", "annual_revenue_fen")
        for _ in range(21):
            profiles_queries.facts_for(bank, firm.organisation_id, "LOAN_REVIEW")
        profiles_queries.known_population(["employees"])
        with pytest.raises(AccessDenied):
            profiles_queries.facts_for(bank, firm.organisation_id, "INSURANCE_UNDERWRITING")
    for who, name in ((firm, "firm"), (bank, "bank"), (operator, "operator")):
        visit = page_as(_username(who))
        assert visit.go("/desk/ledger/") == 200
        visit.check(f"ledger-{name}")
        visit.go("/desk/ledger/?outcome=REFUSED")
        visit.check(f"ledger-{name}-refused")
