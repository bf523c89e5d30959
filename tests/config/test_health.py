"""What supervisors of processes and browsers' caches ask."""

import pytest
from django.test import Client


@pytest.mark.clause("F6")
@pytest.mark.django_db
def test_health_is_told_to_any_host_without_a_session():
    for path in ("/livez", "/readyz"):
        answered = Client().get(path, headers={"host": "10.1.2.3:9000"})
        assert answered.status_code == 200
        assert not answered.cookies
    assert Client().get("/", headers={"host": "10.1.2.3:9000"}).status_code == 400


@pytest.mark.django_db
def test_a_database_without_tables_is_not_ready():
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path TO pg_catalog")
    answered = Client().get("/readyz")
    assert (answered.status_code, answered.json()) == (503, {"ready": False})


@pytest.mark.django_db
def test_static_files_are_kept_for_a_minute_and_then_asked_for_by_date():
    first = Client().get("/static/ui/mark.svg")
    first.close()
    assert first.status_code == 200
    assert "max-age=60" in first["Cache-Control"]
    again = Client().get("/static/ui/mark.svg", headers={"if-modified-since": first["Last-Modified"]})
    assert again.status_code == 304
