"""Cases in every stage: many loan stories, each told as far as its lot says."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from finmart.centres.business.applications.types import NeedTerms
from finmart.centres.business.cases import queries as cases_queries
from finmart.centres.business.catalogue import queries as catalogue_queries
from finmart.centres.business.catalogue.types import LoanPurpose, ProductView
from finmart.centres.business.matching import operations as matching_operations
from finmart.centres.business.matching.types import MatchState
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import OrganisationRef, Role
from finmart.kit import transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import Refusal
from finmart.twin.codes import made_up_credit_code
from finmart.twin.firms import FIRST_SERIAL
from finmart.twin.loans import Cast, LoanStory
from finmart.twin.material import Material
from finmart.twin.people import STAFF, acting, register_account

# How many of a hundred stop after which act (defaults of ours); the two that wait for money come in batches.
STOPS = (
    ("apply", 8), ("consent", 7), ("accept", 7), ("due_diligence", 7), ("review", 7), ("approve", 8), ("choose", 6),
    ("sign_enterprise", 5), ("sign_bank", 5), ("check_disbursement", 10), ("check_use", 12), ("repay", 6),
    ("returned", 3), ("refused", 4), ("declined", 3), ("withdrawn", 2),
)  # fmt: skip
# Endings that leave the straight way: after which act, and what is done instead of the next.
TURNS = {"returned": "consent", "refused": "accept", "declined": "approve", "withdrawn": "apply"}
PAUSES = ("check_disbursement", "repay")
# Of a hundred firms so many take what a match puts first, second, … (defaults of ours): most look no further.
TAKEN = (40, 20, 14, 10, 7, 5, 4)
AMOUNTS_WAN, MONTHS = (30, 50, 80, 100, 150, 200, 300), (6, 12, 12, 18, 24)
WAN_FEN = 1_000_000
OnCase = Callable[[int], None]


@dataclass(slots=True)
class Told:
    """A story with how far it goes."""

    story: LoanStory
    stop: str
    acts: Iterator[str]

    def go_on(self, pause: str) -> None:
        """Play until the story's end or the pause, whichever comes first."""
        final = TURNS.get(self.stop, self.stop)
        for name in self.acts:
            if name == final and self.story.may_turn(self.stop):
                self.acts = iter(())
                if self.stop in TURNS:
                    self.story.turn(self.stop)
                return
            if name == pause:
                return


def tell(actor: Actor, sample: Material, pay: Callable[[], None], on_case: OnCase) -> int:
    """Tell what is missing of the sample's cases and return how many were told.

    ``pay`` lets the bank core carry out what has been asked of it; it is called once for all payments and once for
    all repayments, not case by case.
    """
    begun = cases_queries.count_cases_for(actor)
    told = []
    for place in range(begun, sample.cases):
        firm = parties_queries.organisation_by_credit_code(made_up_credit_code(FIRST_SERIAL + 1 + place))
        if firm is None:
            break  # the city was begun with fewer firms than cases are asked for now
        told.append(_begin(actor, sample, place, firm))
        told[-1].go_on(PAUSES[0])
        on_case(place + 1)
    for pause in (*PAUSES[1:], ""):
        pay()
        for one in told:
            one.go_on(pause)
    return len(told)


def _begin(actor: Actor, sample: Material, place: int, firm: OrganisationRef) -> Told:
    draw = sample.random_for(f"case:{place}")
    amount_fen, months = draw.choice(AMOUNTS_WAN) * WAN_FEN, draw.choice(MONTHS)
    stop = draw.choices([name for name, _ in STOPS], [weight for _, weight in STOPS])[0]
    with transactions.opened():
        clerk = _person(actor, firm, f"case_{place:04d}_clerk", "示例经办", Role.ENTERPRISE_CLERK)
        legal = _person(actor, firm, f"case_{place:04d}_legal", "示例法人", Role.ENTERPRISE_LEGAL_PERSON)
    product = _chosen(clerk, amount_fen, months, draw)
    terms = product.terms
    story = LoanStory(
        Cast(clerk, legal, {name: _staff(product.institution, role, at) for at, (name, _, role) in enumerate(STAFF)}),
        product,
        min(max(amount_fen, terms.limit_min_fen), terms.limit_max_fen),
        min(max(months, terms.months_min), terms.months_max),
        pay=lambda: None,
    )
    return Told(story, stop, story.steps())


def _chosen(clerk: Actor, amount_fen: int, months: int, draw: Random) -> ProductView:
    """Have the firm match its need, as its people do on the page of a need, and choose among what comes first.

    A firm that nothing fits asks for one of the products open all the same, within that product's own bounds.
    """
    with transactions.opened():
        terms = NeedTerms(amount_fen, months, LoanPurpose.WORKING_CAPITAL)
        run = matching_operations.match(clerk, terms, organisation_id=clerk.organisation_id or 0)
    fitting = [one.product for one in run.in_state(MatchState.ELIGIBLE)][: len(TAKEN)]
    if not fitting:
        return draw.choice(catalogue_queries.open_versions())
    return draw.choices(fitting, TAKEN[: len(fitting)])[0]


def _person(actor: Actor, firm: OrganisationRef, username: str, full_name: str, role: Role) -> Actor:
    known = [one for one in parties_queries.members_with_role(firm.id, role) if one.full_name == full_name]
    person = known[0] if known else register_account(actor, firm, username, full_name, (role,), sign_in=False)
    return acting(person, firm, role)


def _staff(bank: OrganisationRef, role: Role, index: int) -> Actor:
    """Return the bank's own sample person of a role; of several the one in the place of the staff table."""
    same = [position for position, (_, _, other) in enumerate(STAFF) if other is role]
    people = parties_queries.members_with_role(bank.id, role)
    if len(people) <= same.index(index):
        raise Refusal(f"{bank.name}缺少{role.label}")
    return acting(people[same.index(index)], bank, role)
