"""Every field and kind of fact says how sensitive it is, and who forgets it is told what to write (clause D2)."""

import pytest
from django.apps import apps
from django.db import models

from finmart.centres.data.profiles.types import FACT_TYPES
from finmart.config import grading
from finmart.kit import grades
from finmart.kit.grades import NAME, SECRET, SENSITIVE, DataClass, Shape, graded


def _model(**inside):
    """Make a model as a centre would, without leaving it in the registry."""

    class Meta:
        app_label = "parties"

    kept = dict(apps.all_models["parties"])
    try:
        return type("Passport", (models.Model,), {"__module__": "finmart.centres.x.models", "Meta": Meta, **inside})
    finally:
        apps.all_models["parties"].clear()
        apps.all_models["parties"].update(kept)
        apps.clear_cache()


@pytest.mark.clause("D2", "P2")
def test_everything_stored_is_graded():
    assert grading.faults() == []


@pytest.mark.clause("D2")
def test_the_catalogue_holds_every_field_every_kind_of_fact_and_every_table_of_a_library():
    known = {(row.holder, row.name) for row in grades.catalogue()}
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        if model.__module__.startswith("finmart."):
            assert {(table, field.name) for field in model._meta.concrete_fields} <= known
        else:
            assert (table, "*") in known
    assert {("fact_types", code) for code in FACT_TYPES} <= known


def test_a_model_without_grades_is_told_all_it_has_to_write():
    (fault,) = grades.faults_of(_model(number=models.TextField(), holder=models.TextField()))
    assert fault.startswith("parties.Passport 没有分级")
    assert 'grades = graded("中文表名", {2: "number holder"})' in fault
    assert "finmart/centres/x/models.py 的 class Passport" in fault


def test_a_forgotten_field_and_one_that_is_gone_are_named():
    model = _model(
        number=models.TextField(), holder=models.TextField(), grades=graded("护照", {NAME: "holder", 2: "country"})
    )
    assert [fault.split("：")[0] for fault in grades.faults_of(model)] == [
        "parties.Passport.number 没有分级", "parties.Passport.country 已分级，但没有这个字段",
    ]  # fmt: skip


def test_a_kind_of_fact_without_a_grade_and_a_table_of_a_library_are_found(monkeypatch):
    fact = next(iter(FACT_TYPES.values()))
    monkeypatch.setitem(FACT_TYPES, "ungraded", type(fact)("ungraded", "某事", fact.kind, "", "", 0, ""))
    monkeypatch.delitem(grading.TABLES, "django_session")
    assert [fault.split("：")[0] for fault in grading.faults()] == [
        "企业事实 ungraded 没有级别", "表 django_session 没有分级",
    ]  # fmt: skip


def test_a_name_stands_under_one_grade_only():
    with pytest.raises(ValueError, match="number is graded twice"):
        graded("护照", {2: "number", 3: "number"})
    with pytest.raises(ValueError, match="6 is no grade"):
        graded("护照", {6: "number"})


def test_classes_go_with_their_grades():
    """JR/T 0171's C2 is never below grade 3, C3 never below 4; who authenticates is never of another class."""
    for row in grades.catalogue():
        least = {None: 1, DataClass.C1: 2, DataClass.C2: SENSITIVE, DataClass.C3: SECRET.grade}
        assert row.grading.grade >= least[row.grading.data_class], row
        assert (row.grading.shape is Shape.SECRET) == (row.grading.data_class is DataClass.C3), row
