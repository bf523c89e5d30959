"""Contracts: drafted for the parties of a case, signed by mandate, once and in turn, and read back from the paper."""

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, connections, transaction
from django.db.utils import DatabaseError
from hypothesis import given
from hypothesis import strategies as st

from factories import cases, parties
from finmart.centres.business.cases import queries as cases_queries
from finmart.centres.business.cases.types import CaseParty, PartyRole
from finmart.centres.business.instruments import operations, queries, rules
from finmart.centres.business.instruments.events import ContractSigned
from finmart.centres.business.instruments.models import Contract, SignatureSlot, SigningAuthority
from finmart.centres.business.instruments.types import (
    ContractFee,
    ContractState,
    LoanTerms,
    UnableToChangeContract,
    UnableToDraft,
    UnableToSign,
)
from finmart.centres.technical.documents import queries as documents_queries
from finmart.centres.technical.parties import operations as parties_operations
from finmart.centres.technical.parties.types import MandateScope, OrganisationKind, Role
from finmart.kit import clock, events
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, Conflict, NotFound
from finmart.kit.finance import RepaymentMethod

SYSTEM = Actor.of_system("test")
TERMS = LoanTerms(
    amount_fen=100_000_000,
    annual_rate=Decimal("0.0435"),
    months=12,
    method=RepaymentMethod.EQUAL_INSTALMENT,
    purpose="采购原材料",
    all_in_annual_rate=Decimal("0.0478"),
    fees=(ContractFee("评估费", 100_000),),
    conditions=("提供上月增值税申报表",),
)


def mandate(actor):
    parties_operations.grant_mandate(
        SYSTEM,
        person_id=actor.person_id,
        organisation_id=actor.organisation_id,
        scope=MandateScope.CONTRACT,
        valid_to=None,
    )


class Side:
    """A firm and a bank, each with somebody who may sign and somebody who may not, and a case between them."""

    def __init__(self, *more, firm_name="苏州𠮷野#精密\\有限公司"):
        self.boss = parties.member(
            parties.organisation(OrganisationKind.ENTERPRISE, firm_name), Role.ENTERPRISE_LEGAL_PERSON, full_name="𠮷野"
        )
        self.clerk = parties.colleague(self.boss, Role.ENTERPRISE_CLERK)
        self.banker = parties.member(
            parties.organisation(OrganisationKind.BANK), Role.INSTITUTION_APPROVER, full_name="李行长"
        )
        mandate(self.banker)
        self.manager = parties.colleague(self.banker, Role.INSTITUTION_ACCOUNT_MANAGER)
        self.case = cases.loan_case(self.clerk, self.manager, *more)

    def draft(self, **changes):
        return operations.draft_contract(self.manager, case_uuid=self.case.uuid, terms=TERMS, **changes)


@pytest.fixture
def side(db):
    return Side()


@pytest.mark.clause("B2", "B6")
def test_two_sides_sign_and_the_contract_lives_its_life(side):
    signed = []
    events.subscribe(ContractSigned, signed.append)
    try:
        contract = side.draft()
        assert queries.contract_for(side.boss, contract.uuid).may_sign
        assert not queries.contract_for(side.banker, contract.uuid).may_sign
        assert operations.sign(side.boss, contract.uuid).state == ContractState.DRAFT
        assert operations.sign(side.banker, contract.uuid).state == ContractState.SIGNED
    finally:
        events._reactions[ContractSigned].remove(signed.append)
    assert [event.number for event in signed] == [contract.number]
    verified = queries.verify_contract(side.clerk, contract.uuid)
    assert verified.ok, verified.faults
    assert [signature.person for signature in verified.signatures] == ["𠮷野", "李行长"]
    assert verified.version == 3
    operations.bring_into_force(side.manager, contract.uuid)
    assert operations.end(side.manager, contract.uuid, reason="本息结清").state == ContractState.ENDED
    view = queries.contract_for(side.clerk, contract.uuid)
    assert view.terms == TERMS
    assert [(slot.role, slot.signed_by) for slot in view.slots] == [("BORROWER", "𠮷野"), ("LENDER", "李行长")]
    told = "\n".join(line.text for line in cases_queries.timeline_for(side.clerk, side.case.number))
    assert "各方已签署完成" in told
    assert "已终止：本息结清" in told


@pytest.mark.clause("F3")
def test_a_person_without_mandate_may_not_sign(side):
    contract = side.draft()
    for person in (side.clerk, side.manager):
        with pytest.raises(UnableToSign, match="没有代表"):
            operations.sign(person, contract.uuid)
    assert issubclass(UnableToSign, AccessDenied)  # so the edge records it
    parties_operations.grant_mandate(
        side.boss,
        person_id=side.clerk.person_id,
        organisation_id=side.clerk.organisation_id,
        scope=MandateScope.CONTRACT,
        valid_to=clock.now() + timedelta(days=1),
    )
    with clock.moved_to(clock.now() + timedelta(days=2)), pytest.raises(UnableToSign):
        operations.sign(side.clerk, contract.uuid)
    operations.sign(side.clerk, contract.uuid)


@pytest.mark.clause("F3")
@pytest.mark.parametrize("who", ["other firm", "other bank", "operator", "visitor"])
def test_strangers_learn_nothing(side, who):
    contract = side.draft()
    stranger = {
        "other firm": lambda: parties.enterprise(Role.ENTERPRISE_LEGAL_PERSON),
        "other bank": parties.bank,
        "operator": parties.operator,
        "visitor": Actor.visitor,
    }[who]()
    for act in (
        lambda: queries.contract_for(stranger, contract.uuid),
        lambda: queries.verify_contract(stranger, contract.uuid),
        lambda: operations.sign(stranger, contract.uuid),
        lambda: operations.void(stranger, contract.uuid, reason="x"),
        lambda: documents_queries.document_for(stranger, contract.document_uuid),
    ):
        with pytest.raises(NotFound):
            act()
    assert queries.contracts_of_case(stranger, side.case.uuid) == []


def test_a_side_sees_its_contracts_and_what_waits_for_it(side):
    contract = side.draft()
    assert [view.ref for view in queries.contracts_of_case(side.clerk, side.case.uuid)] == [contract]
    assert [view.ref for view in queries.contracts_awaiting(side.boss)] == [contract]
    assert queries.contracts_awaiting(side.banker) == []


def test_the_lender_signs_last(side):
    contract = side.draft()
    with pytest.raises(UnableToChangeContract, match="尚未轮到"):
        operations.sign(side.banker, contract.uuid)


def test_signing_twice_is_a_conflict(side):
    contract = side.draft()
    operations.sign(side.boss, contract.uuid)
    with pytest.raises(Conflict, match="已由𠮷野签署"):
        operations.sign(side.boss, contract.uuid)


def test_coming_to_a_step_again_signs_nothing_twice(side):
    contract = side.draft()
    signed = operations.sign(side.boss, contract.uuid, role=PartyRole.BORROWER)
    assert operations.sign(side.boss, contract.uuid, role=PartyRole.BORROWER) == signed
    assert queries.verify_contract(side.boss, contract.uuid).version == 2
    with pytest.raises(NotFound):
        operations.sign(parties.bank(), contract.uuid, role=PartyRole.BORROWER)
    with pytest.raises(UnableToSign):
        operations.sign(side.clerk, contract.uuid, role=PartyRole.LENDER)


def test_one_person_does_not_sign_for_both_sides(side):
    parties_operations.add_member(
        SYSTEM,
        person_id=side.boss.person_id,
        organisation_id=side.banker.organisation_id,
        roles=[Role.INSTITUTION_APPROVER],
    )
    both = Actor(person_id=side.boss.person_id, person_name="𠮷野", organisation_id=side.banker.organisation_id)
    mandate(both)
    contract = side.draft()
    operations.sign(side.boss, contract.uuid)
    with pytest.raises(UnableToSign, match="同一人"):
        operations.sign(both, contract.uuid)


def test_a_natural_person_stands_jointly_liable(db):
    owner = parties.person("王老板")
    side = Side(CaseParty(PartyRole.GUARANTOR, person_id=owner.person_id))
    contract = side.draft()
    operations.sign(side.boss, contract.uuid)
    with pytest.raises(UnableToChangeContract):
        operations.sign(side.banker, contract.uuid)
    operations.sign(owner, contract.uuid)
    assert operations.sign(side.banker, contract.uuid).state == ContractState.SIGNED
    assert queries.verify_contract(owner, contract.uuid).ok


def test_a_legal_person_signs_for_the_firm_and_in_person(db):
    boss = parties.enterprise(Role.ENTERPRISE_LEGAL_PERSON)
    bank = parties.bank()
    case = cases.loan_case(boss, bank, CaseParty(PartyRole.GUARANTOR, person_id=boss.person_id))
    contract = operations.draft_contract(bank, case_uuid=case.uuid, terms=TERMS)
    operations.sign(boss, contract.uuid, role=PartyRole.GUARANTOR)
    assert queries.contract_for(boss, contract.uuid).may_sign
    operations.sign(boss, contract.uuid)
    assert not queries.contract_for(boss, contract.uuid).may_sign
    assert [slot.role for slot in queries.contract_for(boss, contract.uuid).slots if slot.signed_at] == [
        "BORROWER",
        "GUARANTOR",
    ]
    with pytest.raises(UnableToSign):
        operations.sign(boss, contract.uuid, role=PartyRole.LENDER)


def test_a_clerk_without_mandate_may_still_stand_surety(db):
    clerk, bank = parties.enterprise(Role.ENTERPRISE_CLERK), parties.bank()
    case = cases.loan_case(clerk, bank, CaseParty(PartyRole.GUARANTOR, person_id=clerk.person_id))
    contract = operations.draft_contract(bank, case_uuid=case.uuid, terms=TERMS)
    operations.sign(clerk, contract.uuid)
    with pytest.raises(UnableToSign, match="没有代表"):
        operations.sign(clerk, contract.uuid)


def test_only_a_lender_drafts_and_only_once(side):
    with pytest.raises(AccessDenied):
        operations.draft_contract(side.boss, case_uuid=side.case.uuid, terms=TERMS)
    with pytest.raises(NotFound):
        operations.draft_contract(parties.bank(), case_uuid=side.case.uuid, terms=TERMS)
    contract = side.draft()
    with pytest.raises(UnableToDraft, match="已有借款合同"):
        side.draft()
    operations.void(side.manager, contract.uuid, reason="金额有误")
    assert side.draft().number != contract.number


@pytest.mark.parametrize(
    "changes",
    [
        {"amount_fen": 0},
        {"amount_fen": -1},
        {"annual_rate": Decimal(-1)},
        {"annual_rate": Decimal("NaN")},
        {"months": 0},
        {"due_day": 32},
        {"purpose": " "},
        {"fees": (ContractFee("费", -1),)},
    ],
)
def test_terms_no_paper_may_carry(side, changes):
    terms = {name: getattr(TERMS, name) for name in LoanTerms.__slots__} | changes
    with pytest.raises(UnableToDraft):
        operations.draft_contract(side.manager, case_uuid=side.case.uuid, terms=LoanTerms(**terms))


@pytest.mark.parametrize("act", ["bring_into_force", "end", "void"])
def test_the_borrower_does_not_move_the_state(side, act):
    contract = side.draft()
    details = {} if act == "bring_into_force" else {"reason": "x"}
    with pytest.raises(AccessDenied):
        getattr(operations, act)(side.boss, contract.uuid, **details)


def test_states_follow_the_table(side):
    contract = side.draft()
    with pytest.raises(UnableToChangeContract):
        operations.bring_into_force(side.manager, contract.uuid)
    with pytest.raises(UnableToChangeContract):
        operations.end(side.manager, contract.uuid, reason="x")
    with pytest.raises(UnableToChangeContract, match="原因"):
        operations.void(side.manager, contract.uuid, reason=" ")
    operations.void(side.manager, contract.uuid, reason="客户放弃")
    with pytest.raises(Conflict):
        operations.sign(side.boss, contract.uuid)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE instruments_contract SET amount_fen = 1",
        "UPDATE instruments_contract SET terms = jsonb_set(terms, '{months}', '99')",
        "UPDATE instruments_contract SET state = 'IN_FORCE', signed_at = now(), in_force_at = now()",
        "UPDATE instruments_contract SET state = 'SIGNED', signed_at = now()",
        "UPDATE instruments_contract SET signed_at = now()",
        "DELETE FROM instruments_contract",
        (
            "UPDATE instruments_signatureslot SET signed_by_id = NULL, signed_at = NULL, document_version = NULL"
            " WHERE signed_by_id IS NOT NULL"
        ),
        "UPDATE instruments_signatureslot SET role = 'LENDER'",
        "DELETE FROM instruments_signatureslot",
    ],
)
def test_the_database_keeps_a_contract_as_it_was_drafted_and_signed(side, statement):
    contract = side.draft()
    operations.sign(side.boss, contract.uuid)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.clause("B6")
@pytest.mark.parametrize(
    ("tamper", "says"),
    [
        ("UPDATE documents_chunk SET content = set_byte(content, 5000, 1)", "损坏"),
        ("UPDATE instruments_contract SET amount_fen = 1, terms = jsonb_set(terms, '{amount_fen}', '1')", "要素"),
        ("UPDATE instruments_contract SET terms = jsonb_set(terms, '{months}', '99')", "要素"),
        ("UPDATE instruments_signatureslot SET signed_at = signed_at - interval '1 day'", "签署人或时间"),
        ("UPDATE instruments_signatureslot SET signed_by_id = NULL, signed_at = NULL, document_version = NULL",
         "未登记"),
        ("DELETE FROM instruments_signingauthority", "受信任"),
    ],
)  # fmt: skip
def test_tampering_is_found(committed_database, owner_database, tamper, says):
    with transaction.atomic():
        side = Side()
        contract = side.draft()
        operations.sign(side.boss, contract.uuid)
    assert queries.verify_contract(side.boss, contract.uuid).ok
    for table in (
        "documents_chunk",
        "instruments_contract",
        "instruments_signatureslot",
        "instruments_signingauthority",
    ):
        owner_database.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    owner_database.execute(tamper)
    faults = queries.verify_contract(side.boss, contract.uuid).faults
    assert any(says in fault for fault in faults), faults


def test_many_clicks_make_one_signature(committed_database):
    with transaction.atomic():
        side = Side()
        contract = side.draft()
    outcomes = []

    def click():
        try:
            with transaction.atomic():
                operations.sign(side.boss, contract.uuid)
            outcomes.append("signed")
        except Conflict:
            outcomes.append("conflict")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=click) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["conflict"] * 4 + ["signed"]
    assert SigningAuthority.objects.count() == 1
    verified = queries.verify_contract(side.boss, contract.uuid)
    assert (verified.ok, len(verified.signatures), verified.version) == (True, 1, 2)


def test_two_first_signers_at_once_make_one_authority(committed_database):
    with transaction.atomic():
        sides = [Side(), Side(firm_name="另一家")]
        contracts = [side.draft() for side in sides]
    failures = []

    def click(side, contract):
        try:
            with transaction.atomic():
                operations.sign(side.boss, contract.uuid)
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=click, args=pair) for pair in zip(sides, contracts, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert SigningAuthority.objects.count() == 1


def test_a_changed_secret_makes_a_new_authority_and_keeps_the_old_signatures(side, settings):
    contract = side.draft()
    operations.sign(side.boss, contract.uuid)
    settings.SECRET_KEY = "another secret of the platform"
    operations.sign(side.banker, contract.uuid)
    assert SigningAuthority.objects.count() == 2
    assert queries.verify_contract(side.boss, contract.uuid).ok


def test_a_story_of_the_past_signs_in_the_past(db):
    with clock.moved_to(datetime(2020, 3, 2, 1, tzinfo=UTC)):
        side = Side()
        contract = side.draft()
        operations.sign(side.boss, contract.uuid)
    assert contract.number.startswith("JK20200302-")
    verified = queries.verify_contract(side.boss, contract.uuid)
    assert verified.ok
    assert verified.signatures[0].signed_at.year == 2020


def test_a_slot_per_signing_party(side):
    contract = side.draft()
    slots = SignatureSlot.objects.filter(contract__uuid=contract.uuid).order_by("position")
    assert [(slot.role, slot.turn, slot.scope) for slot in slots] == [
        ("BORROWER", 1, "CONTRACT"),
        ("LENDER", 2, "CONTRACT"),
    ]
    assert Contract.objects.get().amount_fen == TERMS.amount_fen


@given(
    st.builds(
        LoanTerms,
        amount_fen=st.integers(1, 10**15),
        annual_rate=st.decimals(0, 1, places=6),
        months=st.integers(1, 600),
        method=st.sampled_from(RepaymentMethod),
        purpose=st.text(min_size=1),
        all_in_annual_rate=st.none() | st.decimals(0, 1, places=6),
        fees=st.lists(st.builds(ContractFee, st.text(), st.integers(0, 10**9), st.booleans())).map(tuple),
        conditions=st.lists(st.text()).map(tuple),
    )
)
def test_terms_survive_storing(terms):
    stored = rules.to_stored(terms)
    assert rules.from_stored(stored) == terms
    assert rules.seal_of("JK1", stored) == rules.seal_of("JK1", rules.to_stored(rules.from_stored(stored)))


@pytest.mark.parametrize(
    ("rate", "text"), [("0.0435", "4.35"), ("0.04", "4.00"), ("0.043567", "4.3567"), ("0", "0.00"), ("0.045", "4.50")]
)
def test_rates_in_percent(rate, text):
    assert rules.percent(Decimal(rate)) == text
