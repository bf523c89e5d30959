"""The sample city's scorecard: made-up outcomes to learn from, trained, approved by two of the operator's people."""

from datetime import timedelta
from math import exp, log

from finmart.centres.data.risk import operations as risk_operations
from finmart.centres.data.risk import queries as risk_queries
from finmart.centres.data.risk.types import ModelKind, OutcomeRow
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import Role
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.twin.codes import made_up_credit_code
from finmart.twin.firms import Firm
from finmart.twin.material import Material
from finmart.twin.people import acting

SOURCE = "示例：按示例企业的经营特征随机生成，不代表任何真实企业"
ENOUGH_MONTHS = 36
EVERY = 3  # of the firms that are old enough, every so many have a loan behind them
MONTHS_BEFORE = 3  # what is learnt from ends so long before the outcome is known
USUAL_SALES = 9_000_000.0  # yuan a year
APPROVALS = 2


def record_outcomes(actor: Actor, firms: list[Firm], sample: Material) -> int:
    """Make up what became of loans of some firms: worse where sales are small or fell, with lawsuits or arrears."""
    draw, today = sample.random_for("outcomes"), clock.today()
    old_enough = [firm for firm in firms if firm.established_months >= ENOUGH_MONTHS][::EVERY]
    known_on = today.replace(day=1)
    as_of_on = (known_on - timedelta(days=MONTHS_BEFORE * 28)).replace(day=1)
    rows = [OutcomeRow(firm.organisation.id, draw.random() < _chance(firm), as_of_on, known_on) for firm in old_enough]
    return risk_operations.record_outcomes(actor, rows, source=SOURCE)


def _chance(firm: Firm) -> float:
    strength = 1.6 + 5 * firm.growth + 1.2 * log(firm.sales / USUAL_SALES)
    return 1 / (1 + exp(strength - 0.8 * min(firm.litigation_count, 2) - min(firm.overdue_count, 2)))


def put_into_force(actor: Actor, operator_serial: int) -> bool:
    """Train on the outcomes, have two people approve, score every firm; False where a scorecard is in force already.

    The challenger is proposed and left waiting: who looks at the demo may approve it, or not. Each act in a
    transaction of its own, as people would do it.
    """
    if risk_queries.is_in_force() or not risk_queries.may_learn():
        return False
    with transactions.opened():
        made = risk_operations.propose(actor, kind=ModelKind.SCORECARD)
    if made is not None:
        for person in _approvers(operator_serial):
            with transactions.opened():
                risk_operations.approve(person, made.uuid)
    with transactions.opened():
        risk_operations.score(actor, only_changed=True)
    with transactions.opened():
        risk_operations.watch_drift(actor)
    with transactions.opened():
        risk_operations.propose(actor, kind=ModelKind.CHALLENGER)
    return True


def _approvers(operator_serial: int) -> list[Actor]:
    operator = parties_queries.organisation_by_credit_code(made_up_credit_code(operator_serial))
    if operator is None:
        raise LookupError("the sample's operator comes before its scorecard")
    people = parties_queries.members_with_role(operator.id, Role.OPERATOR)[:APPROVALS]
    return [acting(person, operator, Role.OPERATOR) for person in people]
