"""The words of masking: who looks, at whose value, and whose eyes a field is for."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from finmart.kit.codes import Code
from finmart.kit.errors import Refusal
from finmart.kit.grades import Shape


class Viewer(Code):
    """Who looks, seen from whom the value belongs to."""

    COLLEAGUE = "COLLEAGUE", "本单位人员"
    OVERSEER = "OVERSEER", "运营方"
    PARTNER = "PARTNER", "同案参与方"
    SELF = "SELF", "本人"
    STRANGER = "STRANGER", "其他人"
    SUPERVISOR = "SUPERVISOR", "金融监管"
    SYSTEM = "SYSTEM", "平台系统"


@dataclass(frozen=True, slots=True)
class Audience:
    """Whose words a field holds and who reads them. ``of`` is the way from the row to organisation or person ids.

    ``of`` names attributes of the row, ``__`` going from row to row; several ways where a row has several sides.
    ``to_all`` are the readers where the ways lead nowhere, because the words are for everybody at the table.
    """

    of: tuple[str, ...]
    viewers: frozenset[Viewer]
    to_all: frozenset[Viewer] = frozenset()


class MaskingAct(StrEnum):
    """Audit tags and permissions of this centre."""

    VALUE_UNMASK = "masking:value:unmask"


class TargetKind(Code):
    """Whose values are shown together by one act."""

    ORGANISATION = "ORGANISATION", "机构地址"
    PERSON = "PERSON", "联系方式"


class UnmaskPurpose(Code):
    """What a value is needed for; a default list of ours."""

    CONTACT = "CONTACT", "联系办理本案"
    DISPUTE = "DISPUTE", "处理投诉或异议"
    INSPECTION = "INSPECTION", "监督检查"
    RISK = "RISK", "风险处置"
    VERIFICATION = "VERIFICATION", "尽职调查与核实"


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be shown: whose values, of which shape, and who the actor is to them."""

    kind: TargetKind
    uuid: UUID
    shape: Shape
    viewer: Viewer
    concerned_person_id: int | None = None
    concerned_organisation_id: int | None = None


@dataclass(frozen=True, slots=True)
class UnmaskingRow:
    """One showing as its reader sees it: who looked (masked by the same policy), at whose values, why."""

    at: datetime
    valid_to: datetime
    viewer_name: str
    viewer_organisation: str
    kind_label: str
    concerned: str
    purpose_label: str
    words: str
    is_own_act: bool


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """How much of one kind of identifier each viewer sees, in words, in the order of ``VIEWERS``."""

    shape_label: str
    sights: tuple[str, ...]


class UnableToUnmask(Refusal):
    code = "UNABLE_TO_UNMASK"
