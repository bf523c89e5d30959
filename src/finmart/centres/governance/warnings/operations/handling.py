"""What a person does about a warning: take it, act, lift it with a reason."""

from uuid import UUID

from finmart.centres.governance.warnings import policies
from finmart.centres.governance.warnings.events import WarningAssigned, WarningWorse
from finmart.centres.governance.warnings.models import RaisedWarning, WarningLine
from finmart.centres.governance.warnings.operations.deadlines import due_dates
from finmart.centres.governance.warnings.operations.telling import tell
from finmart.centres.governance.warnings.rules.signals import LONGEST_TEXT, SIGNALS, is_worse
from finmart.centres.governance.warnings.types import (
    Grade,
    LineKind,
    SignalCode,
    UnableToHandle,
    WarningsAct,
    WarningState,
)
from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import Role
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, Conflict, NotFound

SHORTEST_REASON = 5  # characters; a default of ours


def take(actor: Actor, uuid: UUID) -> None:
    """Become the owner of an open warning. Raises NotFound, AccessDenied; Conflict where somebody else has it."""
    row = _locked(actor, uuid)
    if row.owner_id is not None and row.owner_id != actor.person_id:
        raise Conflict
    if row.owner_id is None:
        row.owner_id = actor.person_id
        row.save(update_fields=["owner"])
        _write(actor, row, LineKind.TAKEN, WarningsAct.WARNING_TAKE, "认领")


def record_action(actor: Actor, uuid: UUID, text: str) -> None:
    """Write down what the owner did. Raises NotFound, AccessDenied, UnableToHandle without words."""
    row = _locked(actor, uuid)
    if not policies.can_act(actor, row.owner_id):
        raise AccessDenied("只有认领人可以登记处置", remedy="请先认领该预警")
    _write(actor, row, LineKind.ACTION, WarningsAct.WARNING_ACT, _words(text, "action", 1))


def assign(actor: Actor, uuid: UUID, person_id: int, reason: str) -> None:
    """Hand a warning to a colleague, who is told. Raises NotFound, AccessDenied, UnableToHandle for a stranger."""
    row = _locked(actor, uuid)
    if not policies.can_assign(actor, row.owner_id) or actor.organisation_id is None:
        raise AccessDenied("只有认领人或平台管理员可以转派", remedy="请先认领该预警")
    role = SIGNALS[SignalCode(row.signal)].owner_role
    colleagues = parties_queries.members_with_role(actor.organisation_id, role, Role.OPERATOR_ADMINISTRATOR)
    chosen = next((one for one in colleagues if one.id == person_id), None)
    if chosen is None or chosen.id == row.owner_id:
        raise UnableToHandle("请选择另一位有权处置的同事", field="person", remedy="在名单中选择")
    words = _words(reason, "reason", SHORTEST_REASON)
    row.owner_id = chosen.id
    row.save(update_fields=["owner"])
    _write(
        actor, row, LineKind.ASSIGNED, WarningsAct.WARNING_ASSIGN, f"转派给{chosen.full_name}：{words}"[:LONGEST_TEXT]
    )
    tell(WarningAssigned, row)


def upgrade(actor: Actor, uuid: UUID, grade: Grade, reason: str) -> None:
    """Call a warning worse than its rule did, with the reason; its deadline moves nearer, never further.

    Raises NotFound, AccessDenied, UnableToHandle for a grade that is no worse.
    """
    row = _locked(actor, uuid)
    if not policies.can_upgrade(actor, row.owner_id):
        raise AccessDenied("只有认领人或平台管理员可以升级预警", remedy="请先认领该预警")
    if not is_worse(grade, Grade(row.grade)):
        raise UnableToHandle("只能升级到更高的等级", field="grade", remedy="等级只升不降；风险消除后请解除预警")
    words = _words(reason, "reason", SHORTEST_REASON)
    row.grade, row.due_at = grade, min(row.due_at, due_dates()[grade])
    row.save(update_fields=["grade", "due_at"])
    _write(actor, row, LineKind.UPGRADED, WarningsAct.WARNING_UPGRADE, words)
    tell(WarningWorse, row)


def lift(actor: Actor, uuid: UUID, reason: str) -> None:
    """End a warning after something was done about it. A red one is lifted by another than its owner.

    Raises NotFound, AccessDenied, UnableToHandle where nothing was done yet or the reason is no reason.
    """
    row = _locked(actor, uuid)
    if not policies.can_lift(actor, row.owner_id, is_red=row.grade == Grade.RED):
        raise AccessDenied("红色预警须由认领人以外的人员解除，其他等级由认领人解除")
    if not row.lines.filter(kind=LineKind.ACTION).exists():
        raise UnableToHandle("尚未登记任何处置，不能解除", field="reason", remedy="请先登记处置情况")
    row.lift_reason = _words(reason, "reason", SHORTEST_REASON)
    row.state, row.lifted_at = WarningState.LIFTED, clock.now()
    row.save(update_fields=["lift_reason", "state", "lifted_at"])
    _write(actor, row, LineKind.LIFTED, WarningsAct.WARNING_LIFT, row.lift_reason)


def _locked(actor: Actor, uuid: UUID) -> RaisedWarning:
    transactions.require()
    if not policies.can_watch(actor) or actor.person_id is None:
        raise AccessDenied("预警只由运营人员处置")
    row = RaisedWarning.objects.select_for_update().filter(uuid=uuid).first()
    if row is None:
        raise NotFound("没有找到该预警")
    if row.state != WarningState.OPEN:
        raise UnableToHandle("该预警已解除", remedy="无须再处置")
    return row


def _words(text: str, field: str, least: int) -> str:
    words = " ".join(text.split())
    if not least <= len(words) <= LONGEST_TEXT:
        raise UnableToHandle(f"请填写 {least} 至 {LONGEST_TEXT} 字", field=field, remedy="写明做了什么、依据什么")
    return words


def _write(actor: Actor, row: RaisedWarning, kind: LineKind, act: WarningsAct, text: str) -> None:
    WarningLine.objects.create(
        warning=row, at=clock.now(), by_id=actor.person_id, kind=kind, grade=row.grade, text=text
    )
    audit_operations.record(actor, act, f"warning:{row.uuid}", signal=row.signal, grade=row.grade)
