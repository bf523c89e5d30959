"""From agreed terms to a paper that waits for signatures."""

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings

from finmart.centres.business.cases import operations as cases_operations
from finmart.centres.business.cases import queries as cases_queries
from finmart.centres.business.cases.types import CaseView, PartyRole, PartyView, TimelineKind
from finmart.centres.business.instruments import policies, queries, rules
from finmart.centres.business.instruments.events import ContractDrafted
from finmart.centres.business.instruments.models import Contract, SignatureSlot
from finmart.centres.business.instruments.types import (
    ContractKind,
    ContractRef,
    InstrumentsAct,
    LoanTerms,
    UnableToDraft,
)
from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.documents import operations as documents_operations
from finmart.centres.technical.documents.types import Reader
from finmart.centres.technical.parties import queries as parties_queries
from finmart.integrations import typst
from finmart.kit import clock, events, qr, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied
from finmart.kit.ids import new_uuid
from finmart.kit.statements import insert, insert_unless_there

KEEPER = "instruments"


def draft_contract(
    actor: Actor, *, case_uuid: UUID, terms: LoanTerms, kind: ContractKind = ContractKind.LOAN_CONTRACT
) -> ContractRef:
    """Set up the contract of a case: its number, its paper, and one place to sign for every signing party.

    Borrowers, guarantors and lenders of the case sign, guarantors also as natural persons; the lender signs last.
    The paper is shared with them. Raises NotFound for a case the actor does not know, AccessDenied unless the actor
    is of a lender or the system, UnableToDraft for wrong terms or where a contract of this kind stands already.
    """
    transactions.require()
    case = cases_queries.case_by_uuid_for(actor, case_uuid)
    parties = sorted(
        (party for party in case.active_parties if party.role in rules.SIGNING_ROLES),
        key=lambda party: (rules.SIGNING_ROLES[party.role], party.role != PartyRole.BORROWER),
    )
    lenders = [party.organisation_id for party in parties if party.role == PartyRole.LENDER]
    if not policies.can_draft(actor, lenders):
        raise AccessDenied("只有贷款人可以拟定合同")
    signing, is_example = _signing_parties(parties)
    rules.check_terms(terms)
    rules.check_parties(signing)
    contract = _insert(actor, case, kind, terms, lenders[0])
    _set_slots(contract, parties)
    paper = _paper(contract, signing, terms, is_example=is_example)
    _store(actor, contract, paper, parties)
    _tell(actor, contract, case.ref.uuid, parties)
    return queries.contract_ref(contract, case.ref.uuid)


def _signing_parties(parties: Sequence[PartyView]) -> tuple[list[rules.SigningParty], bool]:
    ids = [party.organisation_id for party in parties if party.organisation_id is not None]
    known = {organisation.id: organisation for organisation in parties_queries.organisations(ids)}
    signing = [
        rules.SigningParty(
            party.role, party.name, known[party.organisation_id].credit_code if party.organisation_id else ""
        )
        for party in parties
    ]
    return signing, any(organisation.is_example for organisation in known.values())


def _insert(actor: Actor, case: CaseView, kind: ContractKind, terms: LoanTerms, lender_id: int | None) -> Contract:
    contract = Contract(
        number=cases_operations.take_number(rules.SERIES[kind]),
        kind=kind,
        case_id=case.ref.id,
        drafter_id=lender_id if actor.system else actor.organisation_id,
        template=rules.TEMPLATES[kind],
        terms=rules.to_stored(terms),
        amount_fen=terms.amount_fen,
        document_uuid=new_uuid(),
        drafted_at=clock.now(),
    )
    if not insert_unless_there(contract):
        raise UnableToDraft(
            f"本案件已有{ContractKind(kind).label}", remedy="如需重新拟定，请先作废原合同", field="case"
        )
    return contract


def _set_slots(contract: Contract, parties: Sequence[PartyView]) -> None:
    insert(
        SignatureSlot(
            contract=contract,
            position=position,
            turn=rules.SIGNING_ROLES[party.role],
            role=party.role,
            organisation_id=party.organisation_id,
            person_id=party.person_id,
        )
        for position, party in enumerate(parties, start=1)
    )


def _paper(contract: Contract, signing: Sequence[rules.SigningParty], terms: LoanTerms, *, is_example: bool) -> bytes:
    link = f"{settings.FINMART_ORIGIN}/contracts/{contract.uuid}/"
    day = contract.drafted_at.astimezone(clock.CITY_ZONE)
    values = rules.paper_values(
        number=contract.number,
        drafted_on=f"{day.year}年{day.month}月{day.day}日",
        parties=signing,
        terms=terms,
        is_example=is_example,
    )
    return typst.render(contract.template, {**values, "link": link, "qr": qr.svg(link)})


def _store(actor: Actor, contract: Contract, paper: bytes, parties: Sequence[PartyView]) -> None:
    """Keep the paper, for the parties to read."""
    documents_operations.store(
        actor,
        name=f"{ContractKind(contract.kind).label}-{contract.number}.pdf",
        content=paper,
        purpose="CONTRACT",
        owner_organisation_id=contract.drafter_id,
        keeper=KEEPER,
        uuid=contract.document_uuid,
        readers=[Reader(party.organisation_id, party.person_id) for party in parties],
    )


def _tell(actor: Actor, contract: Contract, case_uuid: UUID, parties: Sequence[PartyView]) -> None:
    audit_operations.record(
        actor, InstrumentsAct.CONTRACT_DRAFT, f"contract:{contract.uuid}", number=contract.number,
        template=contract.template, seal=rules.seal_of(contract.number, contract.terms),
    )  # fmt: skip
    cases_operations.note(
        actor,
        case_uuid,
        TimelineKind.DOCUMENT,
        f"{ContractKind(contract.kind).label} {contract.number} 已拟定，待各方签署",
        document_uuid=contract.document_uuid,
    )
    events.publish(
        ContractDrafted(
            contract.uuid,
            case_uuid,
            contract.number,
            tuple(party.organisation_id for party in parties if party.organisation_id is not None),
            tuple(party.person_id for party in parties if party.person_id is not None),
        )
    )
