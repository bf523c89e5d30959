"""The words of masking: who looks, at whose value, and whose eyes a field is for."""

from dataclasses import dataclass

from finmart.kit.codes import Code


class Viewer(Code):
    """Who looks, seen from whom the value belongs to."""

    COLLEAGUE = "COLLEAGUE", "本单位人员"
    OVERSEER = "OVERSEER", "运营方"
    PARTNER = "PARTNER", "同案参与方"
    SELF = "SELF", "本人"
    STRANGER = "STRANGER", "其他人"
    SYSTEM = "SYSTEM", "平台系统"


@dataclass(frozen=True, slots=True)
class Audience:
    """Whose words a field holds and who reads them. ``of`` is the way from the row to organisation or person ids.

    ``of`` names attributes of the row, ``__`` going from row to row; several ways where a row has several sides.
    ``to_all`` are the readers where the ways lead nowhere, because the words are for everybody at the table.
    """

    of: tuple[str, ...]
    viewers: frozenset[Viewer]
    to_all: frozenset[Viewer] = frozenset()
