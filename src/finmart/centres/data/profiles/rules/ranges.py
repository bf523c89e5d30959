"""How far back a fact tells of, so that a consent's range can cut it (clause F2). Pure: days come in."""

import re
from datetime import date

from finmart.centres.data.profiles.rules.months import latest_complete_month, month_of
from finmart.centres.data.profiles.types import FactKind, FactType

YEAR, WHOLE = 12, 36
_MONTHS = re.compile(r"近(\d+)个")
_EARLIER = re.compile(r"再前(\d+)个")


def window_of(kind: FactType) -> int:
    """Return the months a fact sums up, ending with the latest complete month of its day; 0 for a state of that day.

    As its formula says. What reads all invoices since the first, or says nothing, is taken to reach 36 months, the
    longest range a consent may have (a default of ours): what nobody thought of is withheld, not shown.
    """
    said = kind.formula if kind.is_computed else kind.label
    months = max(map(int, _MONTHS.findall(said)), default=0)
    if kind.is_computed and (not months or "以来" in said):
        return WHOLE
    if months:
        return months + (YEAR if "上年同期" in said else 0) + sum(map(int, _EARLIER.findall(said)))
    return YEAR if kind.is_derived or kind.code.startswith("annual_") else 0


def is_within(kind: FactType, as_of_on: date, earliest_on: date) -> bool:
    """May a fact of this type and day be shown where nothing before ``earliest_on`` may?

    Its day must not be older, nor the first month it sums up: ranges count in whole months, the one they begin in
    among them. Series are cut month by month instead.
    """
    if as_of_on < earliest_on:
        return False
    window = window_of(kind)
    if kind.kind == FactKind.SERIES or not window:
        return True
    return latest_complete_month(as_of_on) - window + 1 >= month_of(earliest_on)
