"""How sensitive every stored value is: a grade and a class, declared beside the model that stores it.

Grades 1-5 are the levels of JR/T 0197-2020, classes C1-C3 those of JR/T 0171-2020; which value gets which is our own
grading, written down in docs/standard/grades.md. Declarations are plain values, made once when a model is loaded.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.apps import apps
from django.db import models

from finmart.kit.codes import Code

GRADES = {
    1: "公开：任何人可见",
    2: "内部：状态、编号、日期，只在办理中使用",
    3: "敏感：一家企业或一个人的情况、往来与言语",
    4: "高敏感：证件号、账号、违约与评分、登录凭据",
    5: "极敏感：签名与解密所用的密钥",
}
SENSITIVE = 3
"""From this grade on a value is masked for whoever has no need of it."""


class DataClass(Code):
    """What a value is by JR/T 0171-2020."""

    C1 = "C1", "内部信息"
    C2 = "C2", "可识别主体或反映其状况的信息"
    C3 = "C3", "鉴别信息"


class Shape(Code):
    """What kind of identifier a value is, which says how it looks when it is masked (:mod:`finmart.kit.masks`)."""

    ACCOUNT = "ACCOUNT", "账号"
    ADDRESS = "ADDRESS", "地址"
    EMAIL = "EMAIL", "电子邮箱"
    IDENTITY = "IDENTITY", "证件号"
    NAME = "NAME", "人名"
    PHONE = "PHONE", "电话"
    SECRET = "SECRET", "凭据"
    WORDS = "WORDS", "自由文字"


@dataclass(frozen=True, slots=True)
class Grading:
    """Grade, class (None: public) and, for identifiers, kind of one field."""

    grade: int
    data_class: DataClass | None
    shape: Shape | None = None


def of_grade(grade: int) -> Grading:
    """Return the grading of a grade, with the class that goes with it: 2 is C1, 3 and above are C2. Raises ValueError.

    JR/T 0197-2020 places C1 at level 2, C2 at 3 and C3 at 4 (from memory, to be checked against its annex).
    """
    if grade not in GRADES:
        raise ValueError(f"{grade} is no grade: 1 to 5")
    return Grading(grade, None if grade == 1 else DataClass.C1 if grade < SENSITIVE else DataClass.C2)


NAME = Grading(3, DataClass.C2, Shape.NAME)
PHONE = Grading(3, DataClass.C2, Shape.PHONE)
EMAIL = Grading(3, DataClass.C2, Shape.EMAIL)
ADDRESS = Grading(3, DataClass.C2, Shape.ADDRESS)
WORDS = Grading(3, DataClass.C2, Shape.WORDS)
IDENTITY = Grading(4, DataClass.C2, Shape.IDENTITY)
ACCOUNT = Grading(4, DataClass.C2, Shape.ACCOUNT)
SECRET = Grading(4, DataClass.C3, Shape.SECRET)
KEY = Grading(5, DataClass.C3, Shape.SECRET)


@dataclass(frozen=True, slots=True)
class Graded:
    """The declaration of one model: its name for people, and the grading of every field."""

    title: str
    fields: Mapping[str, Grading]


def graded(title: str, fields: Mapping[int | Grading, str]) -> Graded:
    """Declare a model: what the table is called in Chinese, and under each grade the names of its fields.

    ``grades = graded("自然人", {2: "uuid is_active", NAME: "full_name"})``. The number the database gives (``id``) need
    not be named: it is of grade 2. Raises ValueError where a name stands twice.
    """
    found: dict[str, Grading] = {}
    for key, names in fields.items():
        grading = of_grade(key) if isinstance(key, int) else key
        for name in names.split():
            if name in found:
                raise ValueError(f"{title}: {name} is graded twice")
            found[name] = grading
    return Graded(title, MappingProxyType(found))


@dataclass(frozen=True, slots=True)
class CatalogueRow:
    """One line of the catalogue (数据分级分类目录): ``holder`` is a table or a list, ``name`` a field or an entry."""

    holder: str
    title: str
    name: str
    grading: Grading


Source = Callable[[], Iterable[CatalogueRow]]
_further: list[Source] = []


def also(source: Source) -> None:
    """Have the catalogue hold the rows of ``source`` too: what is graded without being a field of ours."""
    _further.append(source)


def catalogue() -> list[CatalogueRow]:
    """Return every graded field of every model, by table, then what the sources of :func:`also` add."""
    rows = [row for model in _models() for row in _rows_of(model)]
    return [*rows, *(row for source in _further for row in source())]


def faults() -> list[str]:
    """Return what is not graded, field by field, each with what to write where."""
    return [fault for model in _models() for fault in faults_of(model)]


def faults_of(model: type[models.Model]) -> list[str]:
    """Return what is wrong with the declaration of one model."""
    label, fields = _meta(model).label, _meta(model).concrete_fields
    where = f"{model.__module__.replace('.', '/')}.py 的 class {model.__name__}"
    declared = vars(model).get("grades")
    names = [field.name for field in fields if not _is_given(field)]
    if not isinstance(declared, Graded):
        example = f'grades = graded("中文表名", {{2: "{" ".join(names)}"}})'
        return [f"{label} 没有分级：请在 {where} 中写 {example}，并把每个字段移到其级别下。{_meaning()}"]
    missing = [name for name in names if name not in declared.fields]
    gone = set(declared.fields) - {field.name for field in fields}
    return [
        *(
            f"{label}.{name} 没有分级：请在 {where} 的 grades 中把 {name} 写到其级别下。{_meaning()}"
            for name in missing
        ),
        *(f"{label}.{name} 已分级，但没有这个字段：请从 {where} 的 grades 中删去" for name in sorted(gone)),
    ]


def grading_of(model: type[models.Model], field: str) -> Grading:
    """Return the grading of one field. Raises KeyError where it has none."""
    declared: Graded = vars(model)["grades"]
    if field not in declared.fields and _is_given(_meta(model).get_field(field)):
        return of_grade(2)
    return declared.fields[field]


def _meta(model: type[models.Model]) -> Any:
    return model._meta  # noqa: SLF001 - Django's documented way to a model's fields


def _meaning() -> str:
    return (
        "级别："
        + "；".join(f"{grade} {words}" for grade, words in GRADES.items())
        + ("；标识用 NAME、PHONE、EMAIL、ADDRESS、IDENTITY、ACCOUNT、WORDS、SECRET、KEY（finmart.kit.grades）")
    )


def _is_given(field: object) -> bool:
    return isinstance(field, models.AutoField) and field.primary_key


def _models() -> list[type[models.Model]]:
    root = __name__.split(".", maxsplit=1)[0]
    return [model for model in apps.get_models(include_auto_created=True) if model.__module__.split(".")[0] == root]


def _rows_of(model: type[models.Model]) -> list[CatalogueRow]:
    declared = vars(model).get("grades")
    if not isinstance(declared, Graded):
        return []
    table, given = _meta(model).db_table, [one.name for one in _meta(model).concrete_fields if _is_given(one)]
    fields = {**dict.fromkeys(given, of_grade(2)), **declared.fields}
    return [CatalogueRow(table, declared.title, name, grading) for name, grading in fields.items()]
