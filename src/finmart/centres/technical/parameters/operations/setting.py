"""What an operator changes: dated, audited, never in the past, so that an old case keeps the rule of its day."""

from datetime import date

from django.db import connection

from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.parameters import policies, rules
from finmart.centres.technical.parameters.models import CalendarDay, Setting
from finmart.centres.technical.parameters.types import (
    ParametersAct,
    SettingKind,
    SettingOrigin,
    SettingValue,
    UnableToSet,
)
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

LONGEST_SOURCE = 300
LONGEST_NAME = 60


def set_value(actor: Actor, *, key: str, value: SettingValue, valid_from: date, source: str) -> int:
    """Have ``key`` hold ``value`` from ``valid_from`` (today or later) on; return the id of the new version.

    Versions planned for that day or later are withdrawn. Raises AccessDenied, NotFound for an unknown key, and
    UnableToSet for a value of another kind or out of bounds, a day in the past, a missing source, nothing new.
    """
    transactions.require()
    if not policies.can_set(actor):
        raise AccessDenied("只有平台运营人员可以修改参数")
    reason = _checked_source(source)
    _require_not_past(valid_from, "valid_from")
    lock_key(key)
    versions = list(Setting.objects.filter(key=key, withdrawn_at=None).order_by("valid_from"))
    if not versions:
        raise NotFound(f"没有参数“{key[:80]}”")
    model = next((one for one in reversed(versions) if one.valid_from <= valid_from), versions[0])
    rules.check(SettingKind(model.kind), value, minimum=model.minimum, maximum=model.maximum)
    stored = rules.to_stored(value)
    planned = [one for one in versions if one.valid_from >= valid_from]
    if model.value == stored and not planned:
        raise UnableToSet("与该日生效的值相同，无需修改", field="value")
    _make_room(planned, model, valid_from)
    made = Setting.objects.create(
        key=key, kind=model.kind, value=stored, unit=model.unit, label=model.label, source=reason,
        is_pausable=model.is_pausable, minimum=model.minimum, maximum=model.maximum,
        origin=SettingOrigin.OPERATOR, valid_from=valid_from, recorded_at=clock.now(),
        set_by_id=actor.person_id, set_by_label=actor.label,
    )  # fmt: skip
    audit_operations.record(
        actor, ParametersAct.SETTING_SET, f"setting:{key}",
        before=model.value, after=stored, valid_from=valid_from.isoformat(), source=reason,
    )  # fmt: skip
    return made.pk


def set_day(actor: Actor, *, on: date, is_working: bool, name: str, source: str) -> None:
    """Make a day (today or later) a working day or a holiday.

    Raises AccessDenied, and UnableToSet for a day in the past, a missing source or an over-long name.
    """
    transactions.require()
    if not policies.can_set(actor):
        raise AccessDenied("只有平台运营人员可以修改工作日历")
    reason = _checked_source(source)
    _require_not_past(on, "on")
    called = name.strip()
    if len(called) > LONGEST_NAME or "\x00" in called:
        raise UnableToSet(f"名称不超过 {LONGEST_NAME} 字", field="name")
    lock_key(f"day:{on}")
    before = CalendarDay.objects.filter(on=on).values_list("is_working", flat=True).first()
    CalendarDay.objects.update_or_create(
        on=on,
        defaults={
            "is_working": is_working, "name": called, "source": reason,
            "origin": SettingOrigin.OPERATOR, "recorded_at": clock.now(),
        },
    )  # fmt: skip
    audit_operations.record(
        actor, ParametersAct.DAY_SET, f"day:{on}", before=before, after=is_working, name=called, source=reason
    )


def lock_key(key: str) -> None:
    """Put the writers of one key in line until the transaction ends; the key may not have a row yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"parameters:{key}"])


def _make_room(planned: list[Setting], model: Setting, valid_from: date) -> None:
    now = clock.now()
    for one in planned:
        one.withdrawn_at = now
        one.save(update_fields=["withdrawn_at"])
    if model not in planned:
        model.valid_to = valid_from
        model.save(update_fields=["valid_to"])


def _checked_source(source: str) -> str:
    reason = source.strip()
    if not reason or len(reason) > LONGEST_SOURCE or "\x00" in reason:
        raise UnableToSet(f"请写明依据，不超过 {LONGEST_SOURCE} 字", field="source", remedy="例如：文件名与文号")
    return reason


def _require_not_past(on: date, field: str) -> None:
    if on < clock.today():
        raise UnableToSet("不能修改过去的日期", field=field, remedy="请选择今天或以后；旧案件按当日的规则办理")
