"""Reading and changing rows by SQL made once in a process, for the few statements that every act of a person runs.

Measured: to build and compile a queryset takes 0.5 to 1.5 ms of processor time, to run its SQL and read the row 0.1.
What a queryset says must not depend on the values given: whoever branches on them makes a statement for each branch.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar, cast

from django.db import DatabaseError, connection, models
from django.db.models.query import get_related_populators
from django.db.models.sql import UpdateQuery

from finmart.kit import sql
from finmart.kit.arrays import as_array

M = TypeVar("M", bound=models.Model)


class Given(models.Expression):
    """A place in a queryset for a value that is given when the statement runs."""

    def __init__(self, name: str, field: "models.Field[Any, Any]") -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:  # noqa: ARG002 - Django's signature
        return "%s", [self]


class Statement(Generic[M]):
    """The rows of a queryset, by the values of its :class:`Given` places; ``select_related`` counts, prefetches do not.

    ``build`` is called at the first run.
    """

    def __init__(self, build: Callable[[], "models.QuerySet[M]"]) -> None:
        self._build = build
        self._made: _Made | None = None

    def all(self, **given: Any) -> list[M]:
        """Return the rows, in the order of the queryset."""
        if self._made is None:
            self._made = _Made(self._build())
        return cast("list[M]", self._made.run(given))

    def first(self, **given: Any) -> M | None:
        """Return the first row, None where there is none. Names only what is unique: nothing limits the rows read."""
        return next(iter(self.all(**given)), None)

    def one(self, **given: Any) -> M:
        """Return the row that is known to be there. Raises DatabaseError where it is not."""
        found = self.first(**given)
        if found is None:
            raise DatabaseError(f"there is no row for {given}")
        return found


class Change(Generic[M]):
    """The UPDATE of the named columns of one row: ``save(update_fields=…)`` without its signals."""

    def __init__(self, model: type[M], *names: str) -> None:
        self._model, self._names = model, names
        self._made: tuple[str, list[models.Field[Any, Any]]] | None = None

    def write(self, row: M) -> None:
        """Write the columns as they are in ``row``. Raises DatabaseError where the row does not exist."""
        self._made = statement, columns = self._made or self._make()
        values = [column.get_db_prep_save(column.pre_save(row, add=False), connection) for column in columns]
        if not sql.changed(statement, values):
            raise DatabaseError(f"there is no row of {self._model.__name__} to be changed")

    def _make(self) -> "tuple[str, list[models.Field[Any, Any]]]":
        known: Any = self._model._meta  # noqa: SLF001 - Django's documented way to a model's columns
        columns = [known.get_field(name) for name in self._names]
        query: Any = UpdateQuery(self._model)
        query.add_update_fields([(column, None, Given(column.name, column)) for column in columns])
        query.add_q(models.Q(pk=Given("pk", known.pk)))
        statement, _ = query.get_compiler(connection=connection).as_sql()
        return statement, [*columns, known.pk]


def insert(rows: "Iterable[M]") -> "list[M]":
    """Insert new rows of one model in one statement, give them their ids and return them: ``bulk_create``, made once.

    Several rows at once must hold no array: it would be taken apart.
    """
    new = list(rows)
    if not new:
        return new
    made = _insertion(type(new[0]))
    values = [[one.get_db_prep_save(one.pre_save(row, add=True), connection) for one in made.columns] for row in new]
    if len(new) == 1:
        keys = sql.rows(made.one, values[0])
    else:
        keys = sql.rows(made.many, [as_array(column) for column in zip(*values, strict=True)])
    for row, (key,) in zip(new, keys, strict=True):
        _is_stored(row, key)
    return new


def insert_unless_there(row: M) -> bool:
    """Insert a new row and give it its id; False, and nothing written, where a unique key of it is taken.

    Whoever takes the key in a transaction still open is waited for. Cheaper than a savepoint around :func:`insert`.
    """
    made = _insertion(type(row))
    values = [one.get_db_prep_save(one.pre_save(row, add=True), connection) for one in made.columns]
    for (key,) in sql.rows(made.unless_there, values):
        _is_stored(row, key)
        return True
    return False


def _is_stored(row: models.Model, key: Any) -> None:
    row.pk, row._state.adding, row._state.db = key, False, connection.alias  # noqa: SLF001 - as Django does


@dataclass(frozen=True, slots=True)
class _Insertion:
    columns: "list[models.Field[Any, Any]]"
    one: str
    many: str
    unless_there: str


@cache
def _insertion(model: type[models.Model]) -> _Insertion:
    known: Any = model._meta  # noqa: SLF001 - Django's documented way to a model's columns
    columns = [one for one in known.local_concrete_fields if one is not known.auto_field]
    quoted = connection.ops.quote_name
    into = f"INSERT INTO {quoted(known.db_table)} ({', '.join(quoted(one.column) for one in columns)})"
    back = f"RETURNING {quoted(known.pk.column)}"
    # without lengths: a cast to varchar(3) would cut what is too long instead of refusing it
    arrays = ", ".join(f"%s::{one.db_type(connection).split('(')[0]}[]" for one in columns)
    places = ", ".join(["%s"] * len(columns))
    several = f"{into} SELECT * FROM unnest({arrays}) {back}"  # noqa: S608 - names of our own columns
    alone = f"{into} VALUES ({places})"
    return _Insertion(columns, f"{alone} {back}", several, f"{alone} ON CONFLICT DO NOTHING {back}")


def keep_related(row: models.Model, name: str, rows: list[Any]) -> None:
    """Have ``row.<name>.all()`` answer with these rows, as after ``prefetch_related``, for rows that have none yet."""
    known: Any = getattr(row, name).get_queryset()
    known._result_cache = rows  # noqa: SLF001 - as prefetch_related does
    known._prefetch_done = True  # noqa: SLF001
    vars(row).setdefault("_prefetched_objects_cache", {})[name] = known


def is_kept(row: models.Model, name: str) -> bool:
    """Does ``row.<name>.all()`` answer without asking the database?"""
    return name in vars(row).get("_prefetched_objects_cache", {})


class _Made:
    def __init__(self, rows: "models.QuerySet[Any]") -> None:
        self._alias = connection.alias
        self._compiler: Any = rows.query.get_compiler(connection=connection)
        self._sql, self._params = self._compiler.as_sql()
        shape = self._compiler.klass_info
        fields = shape["select_fields"]
        self._model, self._start, self._end = shape["model"], fields[0], fields[-1] + 1
        self._names = [one[0].target.attname for one in self._compiler.select[self._start : self._end]]
        related: Any = get_related_populators
        self._related = related(shape, self._compiler.select, self._alias)
        columns = [one[0] for one in self._compiler.select[: self._compiler.col_count]]
        self._converters = self._compiler.get_converters(columns)  # looking for them costs more than reading a row

    def run(self, given: dict[str, Any]) -> list[Any]:
        params = [given[one.name] if isinstance(one, Given) else one for one in self._params]
        rows: Any = sql.rows(self._sql, params)
        if self._converters:
            rows = self._compiler.apply_converters(rows, self._converters)
        return [self._object(row) for row in rows]

    def _object(self, row: Any) -> Any:
        made = self._model.from_db(self._alias, self._names, row[self._start : self._end])
        for related in self._related:
            related.populate(row, made)
        return made
