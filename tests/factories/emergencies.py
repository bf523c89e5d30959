"""Emergencies and drills with their people, started as the page starts them."""

from dataclasses import dataclass
from uuid import UUID

from factories import parties as people
from finmart.centres.governance.emergencies import operations, queries
from finmart.centres.governance.emergencies.types import EmergencyRef, Level
from finmart.centres.technical.parties.types import OrganisationKind, Role
from finmart.journeys.governance.emergency import start as journey
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor


@dataclass(frozen=True)
class Staff:
    """Who commands, who checks, who is told, who is called."""

    chief: Actor
    operator: Actor
    regulator: Actor
    bank: Actor


def staff() -> Staff:
    chief = people.operator(Role.OPERATOR_ADMINISTRATOR)
    return Staff(chief, people.colleague(chief, Role.OPERATOR), regulator(), people.bank(name="姑苏样例银行"))


def regulator(role: Role = Role.REGULATOR_FINANCIAL) -> Actor:
    """Return somebody of a new regulator."""
    return people.member(people.organisation(OrganisationKind.REGULATOR), role)


def started(
    by: Staff, *, is_drill: bool = True, level: Level = Level.II, plan: str = "default_cluster"
) -> EmergencyRef:
    with transactions.opened():
        return journey.start(
            by.operator, plan_code=plan, level=level, title="吴中区多家企业停产", summary="三家企业同日逾期，原因不明",
            is_drill=is_drill, regulator_id=by.regulator.organisation_id, institution_ids=[by.bank.organisation_id],
        )  # fmt: skip


def revised(by: Actor, plan: str = "default_cluster") -> UUID:
    """Return a revision of a plan that waits for somebody else."""
    version, words = queries.newest_words_for(by, plan)
    return operations.propose_revision(
        by, plan, {**words, "title": f"{words['title']}（修订）"}, base_version=version, valid_from=clock.today(),
        reason="按演练复盘修改",
    )  # fmt: skip
