"""Which columns may not be features: what is only known after the loan, what is too good to be true, what says nothing.

The names are a list of ours: words for outcomes and for what follows them, in English and Chinese.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from finmart.centres.data.risk.rules import measures
from finmart.centres.data.risk.rules.binning import Flags, Floats, bin_texts, is_missing
from finmart.centres.data.risk.types import Leak, LeakReason

TOO_GOOD = 0.95  # AUC of a single column: a default of ours
FEWEST_BADS = 10  # with fewer, one column may separate them by chance
# Names are compared without case, blanks, hyphens and underscores.
_NAMES = frozenset({
    "chgoffpringr", "chargeoffamount", "chargeoffdate", "chgoffdate", "misstatus", "loanstatus", "status",
    "balancegross", "balance", "default", "defaulted", "isdefault", "daysterm", "xx", "term", "recession",
    "disbursementdate", "disbursementgross", "rating", "creditrating", "outcome",
    "是否违约", "违约", "信誉评级", "信用评级", "核销金额", "核销日期", "逾期天数", "代偿金额", "五级分类", "贷款状态",
    "结清日期", "实际期限",
})  # fmt: skip
_PIECES = (
    "chgoff", "chargeoff", "chargedoff", "writeoff", "writtenoff", "default", "delinquen", "recover", "collection",
    "settle", "paidinfull", "核销", "违约", "逾期后", "代偿", "追偿", "不良", "结清",
)  # fmt: skip


def is_leaking_name(column: str) -> bool:
    """Does the name say that the column is the outcome or known only afterwards?"""
    bare = "".join(letter for letter in column.casefold() if letter.isalnum())
    return bare in _NAMES or any(piece in bare for piece in _PIECES)


def leaks_of(
    columns: Mapping[str, Sequence[object] | Floats], bad: Flags, outside: Mapping[str, Sequence[object] | Floats]
) -> list[Leak]:
    """Return the columns that may not be features, each with its first reason, sorted by name.

    ``outside`` holds the columns refused by name that ``columns`` does not: what one threshold of them computes is
    refused with them.
    """
    found = {code: Leak(code, LeakReason.NAME) for code in columns if is_leaking_name(code)}
    banned = {**outside, **{code: columns[code] for code in found}}
    for code, column in columns.items():
        if code not in found and (leak := _leak(code, column, bad, banned)):
            found[code] = leak
    return [found[code] for code in sorted(found)]


def _leak(
    code: str, column: Sequence[object] | Floats, bad: Flags, banned: Mapping[str, Sequence[object] | Floats]
) -> Leak | None:  # fmt: skip
    if len({str(value) for value in column}) == 1:
        return Leak(code, LeakReason.CONSTANT)
    if _is_identity(column):
        return Leak(code, LeakReason.IDENTITY)
    alone = single_auc(column, bad)
    if alone > TOO_GOOD and int(bad.sum()) >= FEWEST_BADS:
        return Leak(code, LeakReason.TOO_GOOD, auc=alone)
    source = next((name for name, other in banned.items() if _is_threshold_of(column, other)), "")
    return Leak(code, LeakReason.COMPUTED, source=source) if source else None


def single_auc(column: Sequence[object] | Floats, bad: Flags) -> float:
    """Return how well one column alone tells the outcome (0.5 to 1), whichever way it is read.

    A number is tried rising and falling with the missing at either end and by missing or not; texts by the evidence
    learnt on the other half of the rows.
    """
    if _is_number(column):
        values = np.asarray(column, dtype=np.float64)
        gone = np.isnan(values)
        readings = [np.where(gone, end, np.nan_to_num(values)) for end in (-np.inf, np.inf)] + [gone.astype(float)]
        ranked = [np.unique(one, return_inverse=True)[1].astype(np.float64) for one in readings]
        return max(max(told, 1 - told) for told in (measures.auc(one, bad) for one in ranked))
    return _text_auc(list(column), bad)


def _text_auc(column: list[object], bad: Flags) -> float:
    half = np.zeros(bad.size, dtype=bool)
    for outcome in (True, False):  # every second row of each outcome, so that both halves hold both
        half[np.flatnonzero(bad == outcome)[::2]] = True
    weights = np.zeros(bad.size)
    for learn, tell in ((half, ~half), (~half, half)):
        if not (bad[learn].any() and (~bad[learn]).any()):
            return 0.5
        binning = bin_texts([column[i] for i in np.flatnonzero(learn)], bad[learn])
        weights[tell] = -binning.weights([column[i] for i in np.flatnonzero(tell)])
    told = measures.auc(weights, bad)
    return max(told, 1 - told)


def _is_identity(column: Sequence[object] | Floats) -> bool:
    """Is every value present and none twice, of whole numbers or texts? Amounts with fractions may well all differ."""
    if _is_number(column):
        values = np.asarray(column, dtype=np.float64)
        whole = bool(np.isfinite(values).all()) and bool((values == np.round(values)).all())
        return whole and values.size > measures.GROUPS and np.unique(values).size == values.size
    known = [str(value) for value in column if not is_missing(value)]
    return len(known) > measures.GROUPS and len(set(known)) > 0.9 * len(known)


def _is_threshold_of(column: Sequence[object] | Floats, other: Sequence[object] | Floats) -> bool:
    """Does the column have two values, told apart without error by one threshold of the other?"""
    source = _numbers(other)
    kinds = sorted({str(value) for value in column})
    if source is None or len(kinds) != 2 or np.isnan(source).any() or np.unique(source).size <= 2:
        return False
    first = np.array([str(value) == kinds[0] for value in column])
    low, high = source[first], source[~first]
    return bool(low.max() < high.min() or high.max() < low.min())


def _numbers(column: Sequence[object] | Floats) -> Floats | None:
    try:
        return np.array([np.nan if value is None else value for value in column], dtype=np.float64)
    except (TypeError, ValueError):
        return None


def _is_number(column: object) -> bool:
    return isinstance(column, np.ndarray) and column.dtype.kind == "f"


def names(leaks: Iterable[Leak]) -> str:
    """Return the refused columns with their reasons, as a message lists them."""
    return "；".join(f"{leak.column}（{leak.reason.label}）" for leak in leaks)
