"""Which version of each rule counts on a day."""

from datetime import date

from finmart.centres.data.quality.models import RuleVersion
from finmart.centres.data.quality.types import Dimension, RuleText, Subject


def rules_in_force(on: date) -> dict[str, RuleVersion]:
    """Return code → the version in force on a day, of rules that are not retired, by dimension and code."""
    rows = RuleVersion.objects.filter(valid_from__lte=on).select_related("owner")
    newest = rows.order_by("code", "-valid_from", "-pk").distinct("code")
    order = list(Dimension)
    kept = [one for one in newest if not one.is_retired]
    return {one.code: one for one in sorted(kept, key=lambda one: (order.index(Dimension(one.dimension)), one.code))}


def text_of(version: RuleVersion) -> RuleText:
    """Return a version as the rules read it."""
    return RuleText(
        code=version.code, dimension=Dimension(version.dimension), subject=Subject(version.subject),
        label=version.label, meaning=version.meaning, when=tuple(version.body["when"]), check=version.body["check"],
        most_failed=version.most_failed, days_to_mend=version.days_to_mend, source=version.source,
        is_example=version.is_example, valid_from=version.valid_from,
        holds_from=version.holds_from,
    )  # fmt: skip
