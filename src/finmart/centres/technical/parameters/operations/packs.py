"""Reading a city's pack (clause G1): data in TOML, loaded at every migration, changing only what the pack changed."""

import tomllib
from importlib import resources
from typing import Any

from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.parameters import policies, rules
from finmart.centres.technical.parameters.models import CalendarDay, Cluster, District, Setting
from finmart.centres.technical.parameters.operations.setting import lock_key
from finmart.centres.technical.parameters.types import ParametersAct, SettingKind, SettingOrigin
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

DESCRIBED = ("kind", "unit", "label", "source", "is_example", "is_pausable", "minimum", "maximum")


def load_pack(actor: Actor, name: str) -> int:
    """Bring districts, clusters, calendar and settings to what ``packs/<name>`` says; return how many rows changed.

    Loading twice changes nothing. What an operator has set stays: a pack never overrules it. A value that the pack
    corrects in place is recorded as a correction. Raises AccessDenied for people, NotFound where there is no pack.
    """
    transactions.require()
    if not policies.can_load_pack(actor):
        raise AccessDenied("城市配置包只由平台在升级时装载")
    lock_key(f"pack:{name}")
    city, clusters = _read(name, "city"), _read(name, "clusters")
    changed = _load_districts(city["districts"]) + _load_clusters(clusters) + _load_days(_read(name, "calendar"))
    changed += _load_settings(actor, _read(name, "settings")["settings"])
    if changed:
        audit_operations.record(actor, ParametersAct.PACK_LOAD, f"pack:{name}", rows=changed)
    return changed


def _read(name: str, part: str) -> dict[str, Any]:
    file = resources.files("finmart") / "packs" / name / f"{part}.toml"
    if not name.isidentifier() or not file.is_file():
        raise NotFound(f"没有城市配置包“{name[:40]}”的 {part}.toml", remedy="请检查 FINMART_CITY")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _load_districts(rows: list[dict[str, Any]]) -> int:
    wanted = {row["code"]: (row["name"], position) for position, row in enumerate(rows)}
    present = {row.code: (row.name, row.position) for row in District.objects.all()}
    changed = {code for code, row in wanted.items() if present.get(code) != row}
    District.objects.bulk_create(
        [District(code=code, name=wanted[code][0], position=wanted[code][1]) for code in changed],
        update_conflicts=True, unique_fields=["code"], update_fields=["name", "position"],
    )  # fmt: skip
    return len(changed)


def _load_clusters(content: dict[str, Any]) -> int:
    is_example = bool(content["is_example"])
    wanted = {
        row["code"]: (row["name"], is_example, position, row.get("industries", []))
        for position, row in enumerate(content["clusters"])
    }
    present = {row.code: (row.name, row.is_example, row.position, row.industries) for row in Cluster.objects.all()}
    changed = {code for code, row in wanted.items() if present.get(code) != row}
    Cluster.objects.bulk_create(
        [
            Cluster(
                code=code, name=wanted[code][0], is_example=wanted[code][1], position=wanted[code][2],
                industries=wanted[code][3],
            )
            for code in changed
        ],
        update_conflicts=True, unique_fields=["code"], update_fields=["name", "is_example", "position", "industries"],
    )  # fmt: skip
    return len(changed)


def _load_days(content: dict[str, Any]) -> int:
    wanted = {
        on: (is_working, group["name"], year["source"])
        for year in content["years"]
        for word, is_working in (("holidays", False), ("make_up_days", True))
        for group in year[word]
        for on in group["days"]
    }
    present = {row.on: row for row in CalendarDay.objects.all()}
    changed = [
        CalendarDay(
            on=on, is_working=row[0], name=row[1], source=row[2],
            origin=SettingOrigin.PACK, recorded_at=clock.now(),
        )
        for on, row in wanted.items()
        if on not in present
        or (
            present[on].origin == SettingOrigin.PACK
            and (present[on].is_working, present[on].name, present[on].source) != row
        )
    ]  # fmt: skip
    CalendarDay.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["on"],
        update_fields=["is_working", "name", "source", "recorded_at"],
    )  # fmt: skip
    return len(changed)


def _load_settings(actor: Actor, rows: list[dict[str, Any]]) -> int:
    versions: dict[str, list[Setting]] = {}
    for one in Setting.objects.order_by("key", "valid_from", "pk"):
        versions.setdefault(one.key, []).append(one)
    changed = 0
    for row in rows:
        wanted = _version(row, actor)
        known = versions.setdefault(wanted.key, [])
        changed += _place(actor, wanted, known)
    return changed


def _version(row: dict[str, Any], actor: Actor) -> Setting:
    kind = SettingKind(row["kind"])
    value = rules.from_stored(kind, row["value"])
    wanted = Setting(
        key=row["key"], kind=kind, value=rules.to_stored(value), unit=row["unit"], label=row["label"],
        source=row["source"], is_example=row["example"], is_pausable=row.get("pausable"),
        minimum=rules.bound(row.get("minimum")), maximum=rules.bound(row.get("maximum")),
        origin=SettingOrigin.PACK, valid_from=row["valid_from"], recorded_at=clock.now(),
        set_by_id=actor.person_id, set_by_label=actor.label,
    )  # fmt: skip
    rules.check(kind, value, minimum=wanted.minimum, maximum=wanted.maximum)
    return wanted


def _place(actor: Actor, wanted: Setting, known: list[Setting]) -> int:
    """Put one version of the pack among the ``known`` ones of its key; return 1 where that changed anything."""
    same_day = [one for one in known if one.origin == SettingOrigin.PACK and one.valid_from == wanted.valid_from]
    if same_day:
        return _bring_up_to_date(actor, same_day[-1], wanted, known)
    if any(one.origin == SettingOrigin.OPERATOR for one in known):
        wanted.withdrawn_at = wanted.recorded_at  # kept for the history; the operator's word stands
    else:
        _fit_between(wanted, known)
    wanted.save(force_insert=True)
    known.append(wanted)
    return 1


def _fit_between(wanted: Setting, known: list[Setting]) -> None:
    for one in known:
        if one.withdrawn_at is None and one.valid_from < wanted.valid_from < (one.valid_to or wanted.valid_from.max):
            one.valid_to = wanted.valid_from
            one.save(update_fields=["valid_to"])
    later = [one.valid_from for one in known if one.withdrawn_at is None and one.valid_from > wanted.valid_from]
    wanted.valid_to = min(later, default=None)


def _bring_up_to_date(actor: Actor, present: Setting, wanted: Setting, known: list[Setting]) -> int:
    if present.value != wanted.value:
        audit_operations.record(
            actor, ParametersAct.SETTING_CORRECT, f"setting:{wanted.key}",
            before=present.value, after=wanted.value, valid_from=wanted.valid_from.isoformat(),
        )  # fmt: skip
        wanted.valid_to, wanted.withdrawn_at = present.valid_to, present.withdrawn_at
        present.withdrawn_at = present.withdrawn_at or wanted.recorded_at
        present.save(update_fields=["withdrawn_at"])
        wanted.save(force_insert=True)
        known.append(wanted)
        return 1
    if all(getattr(present, name) == getattr(wanted, name) for name in DESCRIBED):
        return 0
    for name in DESCRIBED:
        setattr(present, name, getattr(wanted, name))
    present.save(update_fields=list(DESCRIBED))
    return 1
