"""Verbs of parameters: load a city's pack, set a value from a date on, set a day of the working calendar."""

from finmart.centres.technical.parameters.operations.packs import load_pack
from finmart.centres.technical.parameters.operations.setting import set_day, set_value

__all__ = ["load_pack", "set_day", "set_value"]
