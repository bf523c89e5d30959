"""Choices stored as UPPER_CODES and shown in Chinese."""

from enum import StrEnum
from typing import Self


class Code(StrEnum):
    """A closed list of codes; each member is written ``NAME = "NAME", "中文"``."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Return (code, Chinese label) pairs, as Django fields and forms take them."""
        return [(member.value, member.label) for member in cls]
