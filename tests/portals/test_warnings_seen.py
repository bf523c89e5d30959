"""Warnings at other doors: a regulator's by competence, an institution's under consent."""

import re
from datetime import timedelta

import pytest

from factories import emergencies as regulators
from factories import guarantees as made
from factories import parties as people
from factories import profiles
from factories.consents import consent
from finmart.centres.data.consents import operations as consents_operations
from finmart.centres.data.consents import queries as consents_queries
from finmart.centres.data.consents.types import ConsentRequired, Purpose
from finmart.centres.governance.warnings import operations, queries
from finmart.centres.governance.warnings.types import Grade, SignalCode
from finmart.centres.technical.audit import queries as audit_queries
from finmart.centres.technical.parties import operations as parties_operations
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import OrganisationKind, Role
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

SCANNER = Actor.of_system("warnings")


def _text(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


class Street:
    """Two firms of 吴中区 that owe a bank, one of 姑苏区 that owes nobody, all with many lawsuits."""

    def __init__(self):
        self.bank = made.bank()
        self.first, self.second = made.firm("甲方精密"), made.firm("乙方机电")
        self.third = made.firm("丙方软件", district="320508")
        for firm in (self.first, self.second):
            made.lent(firm, self.bank, 100 * made.WAN)
        for firm, count in ((self.first, 10), (self.second, 5), (self.third, 3)):
            profiles.facts(firm.organisation_id, litigation_count=count, defendant_cases=count)
        operations.scan(SCANNER)

    def uuid(self, firm):
        return parties_queries.organisation(firm.organisation_id).uuid


@pytest.fixture
def street(db):
    return Street()


@pytest.mark.clause("D5")
def test_a_regulator_counts_by_district_and_sees_names_by_competence(street, client_of):
    financial, officer = regulators.regulator(), regulators.regulator(Role.REGULATOR_OFFICER)
    seen = queries.overseen_for(financial)
    districts = dict(seen.by_district)
    assert districts["吴中区"][Grade.RED] == 2  # both signals of 甲
    assert districts["姑苏区"][Grade.RED] == 0
    assert {row.firm_name for row in seen.rows} == {"甲方精密", "乙方机电", "丙方软件"}
    assert seen.rows[0].evidence
    hidden = queries.overseen_for(officer)
    assert {row.firm_name for row in hidden.rows} == {"甲方****", "乙方****", "丙方****"}
    assert {row.evidence for row in hidden.rows} == {""}
    assert len(queries.overseen_for(officer, grade=Grade.RED).rows) == 2
    assert {row.district_name for row in queries.overseen_for(officer, district="320508").rows} == {"姑苏区"}
    stress = queries.overseen_stress_for(officer)
    assert (stress.loans_fen, stress.firms, stress.red_firms) == (200 * made.WAN, 2, 1)
    assert stress.stress > 0

    page = _text(client_of(officer).get("/regulator/"))
    assert "甲方****" in page
    assert "甲方精密" not in page
    assert "涉诉 10 次" not in page
    named = _text(client_of(financial).get("/regulator/?grade=RED"))
    assert "甲方精密" in named
    assert "乙方机电" not in named
    assert client_of(officer).get("/regulator/?grade=NONSENSE&district=x").status_code == 422
    looked = audit_queries.entries_for(people.operator(), subject="warnings:open")
    assert {row.person_id for row in looked} == {financial.person_id, officer.person_id}


def test_a_regulator_goes_through_the_warnings_page_by_page(db, client_of):
    for place in range(22):
        profiles.facts(made.firm(f"甲{place:02d}精密").organisation_id, litigation_count=3 + place // 21 * 7)
    operations.scan(SCANNER)
    regulator = regulators.regulator()
    first, rest = queries.overseen_for(regulator), queries.overseen_for(regulator, page=2)
    assert (len(first.rows), len(rest.rows), first.total) == (20, 2, 22)
    assert first.rows[0].grade is Grade.RED
    assert len({row.firm_name for row in first.rows + rest.rows}) == 22
    assert queries.overseen_for(regulator, page=99).page == 2
    assert queries.overseen_for(regulator, signal=SignalCode.OVERDUE).total == 0
    client = client_of(regulator)
    page = _text(client.get("/regulator/?grade=YELLOW"))
    assert page.count('data-label="企业"') == 20
    assert 'href="?grade=YELLOW&amp;page=2"' in page
    for odd in ("0", "-1", "x", "9" * 40, "²"):
        assert client.get("/regulator/", {"page": odd}).status_code == 200


@pytest.mark.clause("D5")
def test_a_department_of_a_district_sees_its_own_district_alone(street):
    organisation = parties_operations.register_organisation(
        people.SYSTEM, kind=OrganisationKind.DEPARTMENT, name="姑苏区金融工作部门", credit_code=people.credit_code(),
        district="320508", is_example=True,
    )  # fmt: skip
    seen = queries.overseen_for(people.member(organisation, Role.DEPARTMENT_OFFICER))
    assert [name for name, _ in seen.by_district] == ["姑苏区"]
    assert {row.firm_name for row in seen.rows} == {"丙方****"}


@pytest.mark.clause("D5")
def test_nobody_else_looks_on_and_a_regulator_does_nothing(street, client_of):
    regulator = regulators.regulator()
    for stranger in (street.bank.manager, street.first, people.person(), people.operator()):
        with pytest.raises(AccessDenied):
            queries.overseen_for(stranger)
        with pytest.raises(AccessDenied):
            queries.overseen_stress_for(stranger)
    uuid = queries.warnings_for(people.operator())[0].uuid
    for act in (lambda: operations.take(regulator, uuid), lambda: queries.warnings_for(regulator)):
        with pytest.raises(AccessDenied):
            act()
    for address in (
        "/operator/warnings/",
        "/operator/stress/",
        f"/operator/warnings/{uuid}/",
        "/institution/borrowers/",
    ):
        assert client_of(regulator).get(address).status_code == 403


@pytest.mark.clause("D5", "F2")
def test_an_institution_sees_its_borrowers_warnings_under_consent_and_the_firm_sees_that(street, client_of):
    manager = street.bank.manager
    assert [(row.name, row.is_covered) for row in queries.borrowers_for(manager)] == [
        ("乙方机电", False),
        ("甲方精密", False),
    ]
    with pytest.raises(ConsentRequired):
        queries.borrower_warnings_for(manager, street.uuid(street.first))
    with pytest.raises(NotFound):
        queries.borrower_warnings_for(manager, street.uuid(street.third))  # owes nothing
    with pytest.raises(NotFound):
        queries.borrower_warnings_for(people.bank(), street.uuid(street.first))  # not its borrower
    given = consent(street.first, manager, "litigation_count", purpose=Purpose.AFTER_LOAN, months_back=6)
    client = client_of(manager)
    listed = _text(client.get("/institution/borrowers/"))
    assert listed.count("查看预警") >= 1
    page = _text(client.get(f"/institution/borrowers/{street.uuid(street.first)}/warnings/"))
    assert "涉诉 10 次" in page
    assert "被诉" not in page  # the consent does not cover what that signal rests on
    assert client.get(f"/institution/borrowers/{street.uuid(street.second)}/warnings/").status_code == 403
    lines = [row for row in consents_queries.disclosures_for(street.first) if row.purpose_label == "贷后管理"]
    assert [row.outcome_label for row in lines if row.outcome == "GIVEN"] == ["已提供"]
    consents_operations.withdraw(street.first, given.uuid)
    assert client.get(f"/institution/borrowers/{street.uuid(street.first)}/warnings/").status_code == 403
    with clock.moved_to(clock.now() + timedelta(days=1)):
        assert not any(row.is_covered for row in queries.borrowers_for(manager))
