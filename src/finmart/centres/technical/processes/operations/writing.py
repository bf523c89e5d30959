"""Writing what an act has gathered: one statement for all the tables, whose parts are there only when needed.

Measured on a step with a deadline: 6.3 ms of processor time with the object mapper's statements, 3.5 ms with this
one (audit included). Rows go as one JSON list for each table; what belongs to a new item finds it by its activation.
"""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb

from finmart.centres.technical.processes.models import Deadline, Instance, ProcessEvent, SignOff, WorkItem
from finmart.centres.technical.processes.types import DeadlineState, EventKind
from finmart.kit import sql
from finmart.kit.errors import Conflict

if TYPE_CHECKING:
    from finmart.centres.technical.processes.operations.change import Change

_VARIABLES: Any = Instance._meta.get_field("variables")  # noqa: SLF001 - sealed as any other way of writing does
_MOVED = """moved AS (
  UPDATE processes_instance SET tokens = %(tokens)s, variables = %(variables)s, state = %(state)s,
    ended_at = %(ended_at)s, lanes = %(lanes)s, owed_by = %(owed_by)s, revision = revision + 1
  WHERE id = %(instance)s AND revision = %(revision)s RETURNING id)"""
_ITEM = {
    "id": "bigint", "state": "text", "outcome": "text", "closed_at": "timestamptz", "seats": "smallint",
    "taken": "smallint", "sign_off": "text", "barred": "bigint[]", "urged_at": "timestamptz",
}  # fmt: skip
_NEW_ITEM = {
    "uuid": "uuid", "instance_id": "bigint", "activation": "integer", "step": "text", "lane": "text",
    "organisation_id": "bigint", "lane_person_id": "bigint", "roles": "varchar[]", "barred": "bigint[]",
    "owing": "boolean", "state": "text", "sign_off": "text", "seats": "smallint", "taken": "smallint",
    "outcome": "text", "opened_at": "timestamptz", "closed_at": "timestamptz",
}  # fmt: skip
_SEAT = {
    "id": "bigint", "state": "text", "delegate_id": "bigint", "person_id": "bigint", "outcome": "text",
    "opinion": "text", "signed_by": "bigint", "signed_at": "timestamptz", "is_named": "boolean",
}  # fmt: skip
_NEW_SEAT = {
    "item_id": "bigint", "position": "smallint", "person_id": "bigint", "state": "text", "is_named": "boolean",
    "delegate_id": "bigint", "outcome": "text", "opinion": "text", "signed_by": "bigint", "signed_at": "timestamptz",
}  # fmt: skip
_CLOCK = {
    "id": "bigint", "state": "text", "due_at": "timestamptz", "paused_at": "timestamptz", "remaining": "float",
}  # fmt: skip
_NEW_CLOCK = {
    "instance_id": "bigint", "item_id": "bigint", "activation": "integer", "element": "text", "kind": "text",
    "state": "text", "amount": "float", "unit": "text", "pausable": "boolean", "source": "text", "on_timeout": "text",
    "started_at": "timestamptz", "due_at": "timestamptz", "paused_at": "timestamptz", "remaining": "float",
}  # fmt: skip
_EVENT = {
    "instance_id": "bigint", "case_uuid": "uuid", "at": "timestamptz", "act": "text", "step": "text",
    "activation": "integer", "lane": "text", "person_id": "bigint", "organisation_id": "bigint",
    "actor_label": "text", "opinion": "text", "content": "jsonb",
}  # fmt: skip


def _listed(name: str, columns: dict[str, str]) -> str:
    return f"jsonb_to_recordset(%({name})s) AS x({', '.join(f'{key} {kind}' for key, kind in columns.items())})"


def _update(name: str, table: str, columns: dict[str, str]) -> str:
    changed = ", ".join(f"{key} = x.{key}" for key in columns if key != "id")
    return f"{name} AS (UPDATE {table} AS t SET {changed} FROM {_listed(name, columns)} WHERE t.id = x.id)"  # noqa: S608 - constants above


def _insert(name: str, table: str, columns: dict[str, str], joined: str = "") -> str:
    """``joined`` is the column that takes the id of a new item of the same activation where it is null."""
    chosen = ", ".join(f"COALESCE(x.{key}, o.id)" if key == joined else f"x.{key}" for key in columns)
    listed = _listed(name, columns if "activation" in columns else {**columns, "activation": "integer"})
    join = " LEFT JOIN opened o ON o.activation = x.activation AND x.is_of_new" if joined else ""
    listed = listed[:-1] + ", is_of_new boolean)" if joined else listed
    ordered = f"INSERT INTO {table} ({', '.join(columns)}) SELECT {chosen} FROM {listed}{join}"  # noqa: S608 - constants above
    return f"{name} AS ({ordered} RETURNING id{', activation' if name == 'opened' else ''})"


_CLOSED_CLOCKS = f"""closed_clocks AS (
  UPDATE processes_deadline SET state = '{DeadlineState.CLOSED}' WHERE instance_id = %(instance)s
    AND activation = ANY(%(closed_clocks)s) AND state IN ('RUNNING', 'PAUSED', 'MISSED'))"""  # noqa: S608 - a constant
_OPENED = _insert("opened", "processes_workitem", _NEW_ITEM)
_PARTS = {
    "items": _update("items", "processes_workitem", _ITEM),
    "returned": """returned AS (
  UPDATE processes_workitem SET state = 'RETURNED' WHERE instance_id = %(instance)s
    AND activation = ANY(%(returned)s) AND state IN ('DONE', 'SKIPPED', 'TIMED_OUT'))""",
    "seats": _update("seats", "processes_signoff", _SEAT),
    "new_seats": _insert("new_seats", "processes_signoff", _NEW_SEAT, "item_id"),
    "clocks": _update("clocks", "processes_deadline", _CLOCK),
    "closed_clocks": _CLOSED_CLOCKS,
    "new_clocks": _insert("new_clocks", "processes_deadline", _NEW_CLOCK, "item_id"),
    "log": _insert("log", "processes_processevent", _EVENT),
}


def write(change: "Change") -> None:
    """Write instance, items, seats, clocks and events. Raises Conflict where the process was changed from within."""
    _settle_clocks(change)
    parts = _parts(change)
    statement = ", ".join([_MOVED, _OPENED, *(_PARTS[name] for name, rows in parts.items() if rows)])
    values: dict[str, Any] = {
        name: rows if name in {"returned", "closed_clocks"} else _as_json(rows) for name, rows in parts.items() if rows
    }
    values["opened"] = _as_json([_row(item, _NEW_ITEM) for item in change.opened])
    if not sql.rows(f"WITH {statement} SELECT id FROM moved", {**_instance_values(change), **values}):  # noqa: S608 - constants above
        raise Conflict("该流程刚刚被他人推进", remedy="请刷新后重试")
    change.instance.revision += 1


def _settle_clocks(change: "Change") -> None:
    owing = [item.lane for item in change.items.values() if item.owing]
    if change.instance.owed_by:
        owing.append(change.instance.owed_by)
    lanes = {activation: item.lane for activation, item in change.items.items()}
    paused, resumed = change.clocks.settle(owing, lanes)
    for act, rows in ((EventKind.CLOCK_PAUSED, paused), (EventKind.CLOCK_RESUMED, resumed)):
        for row in rows:
            change.note(act, change.items[row.activation], owed_by="、".join(sorted(set(owing))))


def _instance_values(change: "Change") -> dict[str, Any]:
    instance = change.instance
    return {
        "instance": instance.pk, "revision": instance.revision, "tokens": Jsonb(change.state.dump()),
        "variables": _VARIABLES.pre_save(instance, add=False).text, "state": str(instance.state),
        "ended_at": instance.ended_at, "lanes": Jsonb(instance.lanes), "owed_by": instance.owed_by,
    }  # fmt: skip


def _parts(change: "Change") -> dict[str, list[Any]]:
    clocks = change.clocks
    seats = [(activation, row) for activation, rows in change.sign_offs.items() for row in rows]
    return {
        "items": [_row(item, _ITEM) for item in _touched(change)],
        "returned": change.returned,
        "seats": [_row(row, _SEAT) for _, row in seats if row.pk in change.touched_seats],
        "new_seats": [
            {**_row(row, _NEW_SEAT), "activation": activation, "is_of_new": row.item.pk is None}
            for activation, row in seats
            if row.is_new
        ],
        "clocks": [_row(row, _CLOCK) for row in clocks.changed if row.activation not in clocks.closed],
        "closed_clocks": sorted(clocks.closed),
        "new_clocks": [{**_row(row, _NEW_CLOCK), "is_of_new": row.item is not None} for row in clocks.opened],
        "log": [_row(event, _EVENT) for event in change.log],
    }


def _touched(change: "Change") -> Iterable[WorkItem]:
    """Count the taken seats of all items and return the known items that changed."""
    for item in change.opened:
        item.taken = len(change.active_seats(item))
    for item in (*change.closed, *(item for item in change.items.values() if item not in change.opened)):
        taken = len(change.active_seats(item)) if item.activation in change.sign_offs else item.taken
        if item.closed_at or taken != item.taken or item.activation in change.touched:
            item.taken = taken
            yield item


def _row(row: WorkItem | SignOff | Deadline | ProcessEvent, columns: dict[str, str]) -> dict[str, Any]:
    return {key: getattr(row, key) for key in columns}


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


_DUMPS: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False, default=_plain).encode


def _as_json(rows: list[Any]) -> Jsonb:
    return Jsonb(rows, dumps=_DUMPS)
