"""The policy itself: what each kind of viewer sees of each kind of identifier, and whose eyes written words are for.

Decisions of ours (docs/decisions/0015): nobody's law names them. Institutions that run the platform change them here.
"""

from collections.abc import Mapping

from finmart.centres.technical.masking.types import Audience, UnableToUnmask, Viewer
from finmart.kit.grades import Shape
from finmart.kit.masks import Sight

SHORTEST_REASON, LONGEST_REASON = 5, 300  # defaults of ours
_FULL, _MASKED, _HIDDEN = Sight.FULL, Sight.MASKED, Sight.HIDDEN
_V = Viewer
_SIDE_BY_SIDE = {_V.SELF: _FULL, _V.COLLEAGUE: _FULL, _V.PARTNER: _FULL, _V.OVERSEER: _MASKED, _V.STRANGER: _MASKED}
_TO_REACH = {_V.SELF: _FULL, _V.COLLEAGUE: _MASKED, _V.PARTNER: _MASKED, _V.OVERSEER: _MASKED, _V.STRANGER: _HIDDEN}
_NOBODYS = dict.fromkeys(_V, _HIDDEN)
_SIGHT: Mapping[Shape, Mapping[Viewer, Sight]] = {
    Shape.NAME: _SIDE_BY_SIDE,
    Shape.PHONE: _TO_REACH,
    Shape.EMAIL: _TO_REACH,
    Shape.ADDRESS: {**_TO_REACH, _V.COLLEAGUE: _FULL},
    Shape.ACCOUNT: {**_TO_REACH, _V.SELF: _MASKED},
    Shape.IDENTITY: {**_TO_REACH, _V.SELF: _MASKED},
    Shape.WORDS: {_V.SELF: _FULL, _V.COLLEAGUE: _FULL, _V.PARTNER: _FULL, _V.OVERSEER: _HIDDEN, _V.STRANGER: _HIDDEN},
    Shape.SECRET: _NOBODYS,
}
SIGHT = {shape: {**seen, _V.SUPERVISOR: seen[_V.STRANGER]} for shape, seen in _SIGHT.items()}
"""How much a viewer sees without further ado. The system itself (jobs, payments) is no viewer: it needs the value."""

_OWN = frozenset({_V.SELF, _V.COLLEAGUE})
_CASE = _OWN | {_V.PARTNER}
_ALL_OF_A_CASE = _CASE | {_V.OVERSEER}
_OPERATORS = frozenset({_V.SELF, _V.COLLEAGUE, _V.OVERSEER})
_PAPER = (
    "document__owner_organisation_id", "document__owner_person_id",
    "document__grants__organisation_id", "document__grants__person_id",
)  # fmt: skip

AUDIENCES: Mapping[str, Audience] = {
    "applications.Application.purpose_note": Audience(("organisation_id",), _CASE),
    "applications.Application.reason": Audience(("organisation_id", "institution_id"), _CASE),
    "applications.Need.purpose_note": Audience(("organisation_id",), _CASE),
    "applications.Offer.collateral": Audience(("application__organisation_id", "application__institution_id"), _CASE),
    "applications.Offer.conditions": Audience(("application__organisation_id", "application__institution_id"), _CASE),
    "applications.Review.grounds": Audience(("application__organisation_id", "application__institution_id"), _CASE),
    "applications.Review.reason": Audience(("application__organisation_id", "application__institution_id"), _CASE),
    "cases.Message.text": Audience(("sender_organisation_id",), _CASE),
    "cases.TimelineEntry.text": Audience(("visible_to_id",), _OWN, to_all=_ALL_OF_A_CASE),
    "desensitised.Reidentification.reason": Audience((), _OPERATORS),
    "documents.DocumentVersion.name": Audience(_PAPER, _OWN),
    "emergencies.Call.answer_text": Audience(("organisation_id",), _OPERATORS),
    "emergencies.Call.text": Audience(("organisation_id",), _OPERATORS),
    "emergencies.Emergency.cause": Audience((), _OPERATORS),
    "emergencies.Emergency.outcome": Audience((), _OPERATORS),
    "emergencies.Emergency.summary": Audience((), _OPERATORS),
    "emergencies.Emergency.title": Audience((), _OPERATORS),
    "emergencies.Improvement.done_text": Audience((), _OPERATORS),
    "emergencies.Improvement.text": Audience((), _OPERATORS),
    "emergencies.Proposal.evidence": Audience((), _OPERATORS),
    "emergencies.Proposal.reason": Audience((), _OPERATORS),
    "emergencies.Revision.opinion": Audience((), _OPERATORS),
    "emergencies.Revision.reason": Audience((), _OPERATORS),
    "emergencies.StepDone.text": Audience((), _OPERATORS),
    "feedback.Appeal.grounds": Audience(("organisation_id",), _OPERATORS),
    "feedback.Appeal.reason": Audience(("organisation_id",), _OPERATORS),
    "funds.Collection.failure_reason": Audience(("lender_id", "borrower_id"), _ALL_OF_A_CASE),
    "funds.Disbursement.failure_reason": Audience(("lender_id", "borrower_id"), _ALL_OF_A_CASE),
    "funds.DisbursementCondition.text": Audience(
        ("disbursement__lender_id", "disbursement__borrower_id"), _ALL_OF_A_CASE
    ),
    "funds.Posting.memo": Audience((), frozenset()),
    "instruments.Contract.ending_reason": Audience(("drafter_id",), _CASE),
    "masking.Unmasking.words": Audience(
        ("concerned_person_id", "concerned_organisation_id", "organisation_id"), _OPERATORS
    ),
    "notices.Delivery.reason": Audience((), frozenset()),
    "notices.Notice.body": Audience(("person_id",), frozenset({_V.SELF})),
    "notices.Notice.title": Audience(("person_id",), frozenset({_V.SELF})),
    "parties.ConflictOfInterest.note": Audience(("person_id", "person__memberships__organisation_id"), _OWN),
    "parties.Person.username": Audience(("id",), _OWN),
    "processes.ProcessEvent.opinion": Audience(("organisation_id",), _OWN),
    "processes.SignOff.opinion": Audience(("item__organisation_id",), _OWN),
    "profiles.DisputeLine.text": Audience(("dispute__organisation_id",), _OPERATORS),
    "profiles.FactDispute.outcome": Audience(("organisation_id",), _OPERATORS),
    "profiles.FactDispute.reason": Audience(("organisation_id",), _OPERATORS),
    "quality.LapseLine.text": Audience((), _OPERATORS),
    "quality.RuleVersion.source": Audience((), _OPERATORS),
    "risk.Opinion.reason": Audience((), _OPERATORS),
    "servicing.AfterLoanCheck.findings": Audience(("loan__lender_id",), _OWN),
    "sources.Batch.message": Audience((), _OPERATORS),
    "sources.Demand.answer": Audience(("organisation_id",), _OPERATORS),
    "sources.Demand.text": Audience(("organisation_id",), _OPERATORS),
    "sources.DemandLine.text": Audience((), _OPERATORS),
    "sources.HeldFile.name": Audience((), _OPERATORS),
    "sources.Invoice.counterparty": Audience(("organisation_id",), _OWN),
    "sources.Invoice.number": Audience(("organisation_id",), _OWN),
    "sources.Load.message": Audience(("organisation_id",), _OPERATORS),
    "sources.Load.settle_reason": Audience((), _OPERATORS),
    "warnings.RaisedWarning.evidence": Audience((), _OPERATORS | {_V.SUPERVISOR}),
    "warnings.RaisedWarning.lift_reason": Audience((), _OPERATORS),
    "warnings.WarningLine.text": Audience((), _OPERATORS),
}
"""Field of words → whose they are and who reads them. A field that is not here is for nobody but its owner."""


def sight_of(shape: Shape, viewer: Viewer) -> Sight:
    """Return how much of an identifier a viewer sees."""
    return Sight.FULL if viewer is Viewer.SYSTEM else SIGHT[shape][viewer]


def can_unmask(shape: Shape, viewer: Viewer) -> bool:
    """May this viewer ask for the value that is masked: who works with it, never a stranger, never a secret?"""
    kept = {Shape.PHONE, Shape.EMAIL, Shape.ADDRESS, Shape.NAME}
    return (
        shape in kept
        and viewer not in {Viewer.STRANGER, Viewer.SUPERVISOR, Viewer.SYSTEM}
        and sight_of(shape, viewer) is Sight.MASKED
    )


def clean_words(text: str) -> str:
    """Return why somebody needs a value. Raises UnableToUnmask where it says nothing."""
    cleaned = " ".join(text.split())
    if not SHORTEST_REASON <= len(cleaned) <= LONGEST_REASON:
        raise UnableToUnmask(
            f"请用 {SHORTEST_REASON} 至 {LONGEST_REASON} 个字说明为什么需要原值", field="words",
            remedy="例如：核对授信材料中的联系电话",
        )  # fmt: skip
    return cleaned
