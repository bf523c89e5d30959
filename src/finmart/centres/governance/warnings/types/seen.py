"""Warnings as others than the operator may see them: regulators and departments, and institutions under consent."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from finmart.centres.governance.warnings.types.signals import Grade, told


@dataclass(frozen=True, slots=True)
class OverseenRow:
    """A warning at the regulator's door. ``firm_name`` is masked and ``evidence`` empty without competence."""

    firm_name: str
    district_name: str
    signal_label: str
    grade: Grade
    evidence: str
    raised_at: datetime
    due_at: datetime
    is_late: bool
    is_taken: bool

    @property
    def told(self) -> str:
        """What was seen, named once: evidence that begins with the signal's name stands alone."""
        return told(self.signal_label, self.evidence)


@dataclass(frozen=True, slots=True)
class OverseenStress:
    """What stands open on the whole platform and what the failure of all firms in red would do; sums only."""

    loans_fen: int
    guarantees_fen: int
    firms: int
    mutual: int
    circles: int
    red_firms: int
    stress: float


@dataclass(frozen=True, slots=True)
class Overseen:
    """The regulator's page: by district (name, number by grade) and one by one, the worst first.

    ``rows`` are those of one ``page`` (from 1, of ``size`` rows at most) of ``total``.
    """

    by_district: tuple[tuple[str, dict[Grade, int]], ...]
    rows: tuple[OverseenRow, ...]
    total: int
    page: int
    size: int
    is_named: bool
    district_name: str


@dataclass(frozen=True, slots=True)
class BorrowerRow:
    """A firm that owes the institution; ``is_covered`` where it consented to be watched after the loan."""

    uuid: UUID
    name: str
    outstanding_fen: int
    is_covered: bool


@dataclass(frozen=True, slots=True)
class BorrowerWarning:
    """A warning of a borrower as its consent lets the institution see it; never what the operator did about it.

    ``evidence`` is empty where the consent allows conclusions only.
    """

    signal_label: str
    grade: Grade
    evidence: str
    raised_at: datetime


@dataclass(frozen=True, slots=True)
class BorrowerWarnings:
    """The open warnings of one borrower; of how many signals the consent covers the facts, and of how many not."""

    firm_name: str
    warnings: tuple[BorrowerWarning, ...]
    watched: int
    not_covered: int
