"""What the import contracts cannot see: keys between centres, reverse accessors, grants, ownership."""

import pytest
from django.apps import apps
from django.db import connection, models

from architecture.tree import CENTRES

ORDER = ["technical", "data", "business", "governance"]
LAYERS = {
    "technical": ["audit", "keys", "parameters", "parties", "masking", "documents", "notices", "processes"],
    "data": ["consents", "sources", "profiles", "desensitised", "quality", "risk"],
    "business": ["cases", "catalogue", "instruments", "funds", "programmes", "applications", "servicing", "matching"],
    "governance": ["feedback", "warnings", "emergencies", "rights", "supervision"],
}


def _ours() -> list[type[models.Model]]:
    return [m for m in apps.get_models(include_auto_created=True) if m.__module__.startswith("finmart.")]


def _height(model: type[models.Model]) -> tuple[int, int]:
    _, _, wing, centre, *_ = model.__module__.split(".")
    layers = LAYERS.get(wing, [])
    return ORDER.index(wing), layers.index(centre) if centre in layers else 99


def _keys() -> list[models.ForeignKey]:
    return [f for m in _ours() for f in m._meta.get_fields() if isinstance(f, models.ForeignKey)]


def test_models_live_in_centres_only():
    assert [m.__name__ for m in _ours() if not m.__module__.startswith("finmart.centres.")] == []


def test_keys_between_centres_point_down_and_leave_no_way_back():
    wrong = []
    for key in _keys():
        target = key.related_model
        crosses = target._meta.app_label != key.model._meta.app_label
        if not target.__module__.startswith("finmart.") or not crosses:
            continue
        if _height(target) >= _height(key.model):
            wrong.append(f"{key} points up")
        if key.remote_field.related_name != "+":
            wrong.append(f"{key} leaves a reverse accessor")
    assert wrong == []


def test_every_centre_with_models_is_in_the_order():
    unknown = {m.__module__ for m in _ours() if _height(m)[1] == 99}
    assert unknown == set()
    assert CENTRES.is_dir()


@pytest.mark.django_db
def test_the_application_role_owns_nothing():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = current_user"
        )
        assert cursor.fetchone()[0] == 0


@pytest.mark.django_db
def test_append_only_tables_refuse_by_grant_and_by_trigger():
    from finmart.kit.appendonly import AppendOnly

    tables = [m._meta.db_table for m in _ours() if issubclass(m, AppendOnly)]
    assert "audit_entry" in tables
    with connection.cursor() as cursor:
        for table in tables:
            for right in ("UPDATE", "DELETE", "TRUNCATE"):
                cursor.execute("SELECT has_table_privilege(current_user, %s, %s)", [table, right])
                assert cursor.fetchone()[0] is False, f"{table} {right}"
            cursor.execute(
                "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname LIKE '%%append_only'", [table]
            )
            assert cursor.fetchone()[0] == 1, table
