"""Model fields whose values are sealed in the database and opened when they are asked for, not before.

A value is bound to its model, field and row: ``bound_to`` names columns that are set before the row is written and
never change (its uuid, or the keys of what it belongs to). Reading is lazy: a row that is loaded and whose sealed
columns nobody looks at costs nothing.
"""

import json
import unicodedata
from typing import Any

from django.core.exceptions import FieldError
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from finmart.kit.crypto.envelope import open_sealed, seal
from finmart.kit.crypto.keyring import Purpose, ring

_MISSING = object()


class Sealed:
    """A value as it stands in the database. It has no text form: whoever shows it by mistake shows nothing."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        raise TypeError("a sealed value was used as text: read it from its model, or open it with its row")

    def __repr__(self) -> str:
        return "<sealed>"


class _OpenedWhenRead(DeferredAttribute):
    """The attribute: holds the sealed value until it is read. Setting it keeps the new text until it is written."""

    field: "EncryptedText"

    def __get__(self, row: Any, owner: Any = None) -> Any:
        if row is None:
            return self
        held = row.__dict__.get(self.field.attname, _MISSING)
        if held is _MISSING:
            held = super().__get__(row, owner)
        if isinstance(held, Sealed):
            text = open_sealed(held.text, self.field.place_of(row))
            held = row.__dict__[self.field.attname] = self.field.value_of(text)
        return held

    def __set__(self, row: Any, value: Any) -> None:
        row.__dict__[self.field.attname] = value


class EncryptedText(models.TextField):  # type: ignore[type-arg]  # a text, sealed
    """A text of at most ``max_length`` characters, sealed. Look it up by a :class:`BlindIndex` beside it."""

    descriptor_class = _OpenedWhenRead

    def __init__(self, *args: Any, bound_to: str | tuple[str, ...] = "uuid", **options: Any) -> None:
        self.bound_to = (bound_to,) if isinstance(bound_to, str) else tuple(bound_to)
        super().__init__(*args, **options)

    def deconstruct(self) -> Any:
        name, path, arguments, options = super().deconstruct()
        options["bound_to"] = self.bound_to
        return name, path, arguments, options

    def place(self, *identity: object) -> str:
        """Return what a value is bound to: model, field and the values of ``bound_to``."""
        return f"{self.model._meta.label_lower}.{self.name}|{','.join(map(str, identity))}"  # noqa: SLF001 - Django's own

    def place_of(self, row: models.Model) -> str:
        return self.place(*(getattr(row, name) for name in self.bound_to))

    def from_db_value(self, value: str | None, _expression: Any, _connection: Any) -> Sealed | None:
        return None if value is None else Sealed(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: ARG002, FBT001 - Django's signature
        held = model_instance.__dict__.get(self.attname, _MISSING)
        if held is _MISSING:
            held = getattr(model_instance, self.attname)
        if held is None or isinstance(held, Sealed):
            return held
        return Sealed(seal(self.text_of(held), self.place_of(model_instance)))

    def text_of(self, value: Any) -> str:
        """Return the text that is sealed for a value."""
        if self.max_length is not None and len(value) > self.max_length:
            raise ValueError(f"{self.model.__name__}.{self.name} is longer than {self.max_length} characters")
        return str(value)

    def value_of(self, text: str) -> Any:
        """Return the value of a text that was sealed."""
        return text

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:  # noqa: ARG002, FBT001, FBT002 - Django's signature
        if value is None or isinstance(value, Sealed):
            return value.text if value else None
        raise TypeError(f"{self.model.__name__}.{self.name} is written with its row only: the seal is bound to it")

    def get_prep_value(self, value: Any) -> Any:
        return value

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        raise FieldError(f"{self.name} is sealed and cannot be compared: use its blind index")


class EncryptedJSON(EncryptedText):
    """A JSON value, sealed as a whole."""

    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def text_of(self, value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def value_of(self, text: str) -> Any:
        return json.loads(text)


class BlindIndex(models.CharField):  # type: ignore[type-arg]  # a text
    """HMAC-SM3 of the normal form of the sealed field ``of``, for exact look-up by :func:`digests`; empty for none."""

    def __init__(self, *args: Any, of: str = "", **options: Any) -> None:
        self.of = of
        options.setdefault("max_length", 80)
        options.setdefault("blank", True)
        options.setdefault("db_index", True)
        options.setdefault("editable", False)
        super().__init__(*args, **options)

    def deconstruct(self) -> Any:
        name, path, arguments, options = super().deconstruct()
        options["of"] = self.of
        return name, path, arguments, options

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: ARG002, FBT001 - Django's signature
        held = model_instance.__dict__.get(self.of, _MISSING)
        if not isinstance(held, Sealed) and held is not _MISSING:
            setattr(model_instance, self.attname, self.digest(held or ""))
        return getattr(model_instance, self.attname)

    def digest(self, text: str) -> str:
        """Return what the index holds for a text, by the current key."""
        return next(iter(self.digests(text)), "")

    def digests(self, text: str) -> list[str]:
        """Return what the index may hold for a text: one digest for each key it may have been made with."""
        return blind_digests(f"{self.model._meta.label_lower}.{self.of}", text)  # noqa: SLF001 - Django's own


class KeyedDigest(models.CharField):  # type: ignore[type-arg]  # a text
    """What :func:`blind_digests` made of something that is not kept: it stays with its key."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("max_length", 80)
        super().__init__(*args, **options)


def blind_digests(place: str, text: str) -> list[str]:
    """Return ``<key id>.<digest>`` of a text's normal form in a place for every index key, the current one first."""
    plain = normal(text)
    message = f"{place}|{plain}".encode()
    return [f"{key.id}.{key.digest(message).hex()}" for key in ring().of(Purpose.INDEX)] if plain else []


def normal(text: str) -> str:
    """Return the form in which two writings of one identifier are equal: no blanks or dashes, no case, no width."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(sign for sign in folded if not sign.isspace() and sign not in "-‐–—")


def digests(model: type[models.Model], name: str, text: str) -> list[str]:
    """Return what to look for in a blind index: ``filter(phone_index__in=digests(Person, "phone_index", text))``."""
    index: Any = model._meta.get_field(name)  # noqa: SLF001 - Django's documented way to a model's columns
    found: list[str] = index.digests(text)
    return found


def opened(model: type[models.Model], name: str, sealed: str, *identity: object) -> str:
    """Return the text of a value read by a statement written by hand, with the values its field is bound to."""
    field: Any = model._meta.get_field(name)  # noqa: SLF001 - as above
    return open_sealed(sealed, field.place(*identity))
