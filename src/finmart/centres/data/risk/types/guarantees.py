"""What is found in a graph of guarantees. Firms are positions 0 … n-1 of the caller's list."""

from dataclasses import dataclass

from finmart.kit.errors import Refusal


class UnableToReadGuarantees(Refusal):
    """The guarantees are no graph of these firms."""

    code = "UNABLE_TO_READ_GUARANTEES"


@dataclass(frozen=True, slots=True)
class Circles:
    """Simple circles through one firm, each from that firm along who guarantees whom, the shortest first.

    ``is_complete`` is False where there are more than were asked for.
    """

    found: tuple[tuple[int, ...], ...]
    is_complete: bool


@dataclass(frozen=True, slots=True)
class Reach:
    """The firms a firm is bound to, by the fewest steps: those it would pay for, and those who would pay for it."""

    answers_for: dict[int, int]
    answered_by: dict[int, int]


@dataclass(frozen=True, slots=True)
class GuaranteeFindings:
    """What binds the firms of a graph together: mutual pairs, circles (largest first), the longest chain of them."""

    mutual: tuple[tuple[int, int], ...]
    circles: tuple[tuple[int, ...], ...]
    longest_chain: tuple[tuple[int, ...], ...]
