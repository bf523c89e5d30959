"""Who is bound to whom on the platform, and what a failure would do."""

from dataclasses import dataclass
from uuid import UUID

from finmart.kit.codes import Code
from finmart.kit.errors import Refusal


class UnableToStress(Refusal):
    """There is nothing that could fail as it was asked."""

    code = "UNABLE_TO_STRESS"


class BondKind(Code):
    """On what ground one loses where another fails."""

    GUARANTEE = "GUARANTEE", "保证"
    LOAN = "LOAN", "贷款"


class TargetKind(Code):
    """What a question of the stress page names."""

    CIRCLE = "CIRCLE", "担保圈"
    CLUSTER = "CLUSTER", "产业集群"
    DISTRICT = "DISTRICT", "区域"
    FIRM = "FIRM", "企业"
    SECTION = "SECTION", "行业"


@dataclass(frozen=True, slots=True)
class Node:
    """An organisation, or a natural person who guarantees. ``capital_fen`` None where it is not known.

    ``name`` of a person is masked: whoever looks at the whole needs no names of persons.
    """

    uuid: UUID | None
    name: str
    kind: str
    kind_label: str
    district: str = ""
    section: str = ""
    cluster: str = ""
    capital_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Bond:
    """``holder`` loses ``amount_fen`` where ``debtor`` fails; both are places in a list of nodes."""

    holder: int
    debtor: int
    amount_fen: int
    kind: BondKind


@dataclass(frozen=True, slots=True)
class Web:
    """Everybody who is bound to anybody by a loan in force or a guarantee for one."""

    nodes: tuple[Node, ...]
    bonds: tuple[Bond, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """Something that may fail: ``code`` is ``FIRM:<uuid>``, ``DISTRICT:<code>`` …; ``places`` are its firms."""

    kind: TargetKind
    code: str
    label: str
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who would lose, in fen: at once with those named, and further with those they draw along.

    ``held_fen`` is all it could lose on the platform, ``is_judged`` whether its capital is known, ``fails_in`` the
    round it would fail in, None where it stands or is not judged. ``count`` persons stand in one line.
    """

    name: str
    kind: str
    kind_label: str
    loans_fen: int
    guarantees_fen: int
    further_fen: int
    held_fen: int
    is_judged: bool
    fails_in: int | None
    count: int = 1

    @property
    def lost_fen(self) -> int:
        return self.loans_fen + self.guarantees_fen + self.further_fen

    @property
    def lost_share(self) -> float:
        return self.lost_fen / self.held_fen if self.held_fen else 0.0


@dataclass(frozen=True, slots=True)
class Ties:
    """What binds one firm: its circles of up to six, and its chains, by name with the number of steps.

    ``is_complete`` is False where it is in more circles than are listed. Persons who guarantee are not among the names.
    """

    circles: tuple[tuple[str, ...], ...]
    is_complete: bool
    answers_for: tuple[tuple[str, int], ...]
    answered_by: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class StressResult:
    """What a failure would do, and a firm's ``ties`` where a firm is asked for.

    A loan and the guarantee for it are both counted, each with who holds it (gross).
    """

    target: Target
    method_label: str
    loans_fen: int
    guarantees_fen: int
    further_fen: int
    held_fen: int
    stress: float
    further_failing: int
    unjudged: int
    bearers: tuple[Bearer, ...]
    ties: Ties | None = None


@dataclass(frozen=True, slots=True)
class WebSummary:
    """The web in figures, its targets, and what is bound in circles. Names only."""

    loans_fen: int
    guarantees_fen: int
    firms: int
    guarantors: int
    targets: tuple[Target, ...]
    mutual: tuple[tuple[str, str], ...]
    circles: tuple[tuple[str, ...], ...]
    longest_chain: tuple[str, ...]

    @property
    def bound(self) -> str:
        """How many mutual pairs and circles there are, as the page says it."""
        return f"{len(self.mutual)} / {len(self.circles)}"


@dataclass(frozen=True, slots=True)
class RedFirm:
    """A firm with a red warning open; ``cluster`` is empty where it is in none."""

    uuid: UUID
    name: str
    district: str
    cluster: str


@dataclass(frozen=True, slots=True)
class RedPicture:
    """All firms in red, the guarantee circles by uuid, and the stress of the whole if all of the red ones failed."""

    firms: tuple[RedFirm, ...]
    circles: tuple[tuple[str, ...], ...]
    stress: float
