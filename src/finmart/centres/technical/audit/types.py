"""The words of the audit trail."""

from dataclasses import dataclass
from enum import StrEnum

from finmart.kit.codes import Code


class AuditAct(StrEnum):
    """Tags of this centre's own rows."""

    ATTEMPT_DENY = "audit:attempt:deny"


class Outcome(Code):
    DENIED = "DENIED", "被拒绝"
    DONE = "DONE", "已完成"


@dataclass(frozen=True, slots=True)
class ChainFault:
    """The first row of a shard that does not verify. ``kind`` is altered, missing or inserted."""

    shard: int
    position: int
    kind: str
    tag: str


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of reading all chains: rows seen and the first fault, if any."""

    rows: int
    first_fault: ChainFault | None

    @property
    def ok(self) -> bool:
        return self.first_fault is None
