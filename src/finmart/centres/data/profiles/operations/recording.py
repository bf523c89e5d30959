"""Facts that come from elsewhere: registries, tax, the firm itself."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from finmart.centres.data.profiles import policies
from finmart.centres.data.profiles.operations.deriving import derive
from finmart.centres.data.profiles.operations.storing import FactRow, store_facts
from finmart.centres.data.profiles.rules.sizes import INPUTS
from finmart.centres.data.profiles.rules.values import to_columns
from finmart.centres.data.profiles.types import FACT_TYPES, ProfilesAct, RecordedFact, Tie, UnableToRecord
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied

SELF_DECLARED = "企业自报"


def record_fact(
    actor: Actor,
    organisation_id: int,
    fact_type: str,
    value: int | Decimal | str | bool | date | tuple[Tie, ...] | None,  # noqa: FBT001 - a value, not a flag
    as_of_on: date,
    source: str,
) -> None:
    """Record one fact (amounts in fen, shares as fractions, None for now unknown); see :func:`record_facts`."""
    record_facts(actor, [RecordedFact(organisation_id, fact_type, value, as_of_on, source)])


def record_facts(actor: Actor, facts: Iterable[RecordedFact]) -> int:
    """Record facts, one per firm, type and day; return how many are new or changed.

    A later value of the same day takes the place of the earlier one, which stays known as of then. What a firm records
    of itself always has the source 企业自报. Raises AccessDenied; UnableToRecord (field: the fact type's code) for a
    type that is not recorded, a value that is none of its kind, or a day to come.
    """
    transactions.require()
    rows: dict[tuple[int, str, date], FactRow] = {}
    for fact in facts:
        if not policies.can_record_for(actor, fact.organisation_id):
            raise AccessDenied("您无权登记该企业的数据")
        row = row_of(actor, fact)
        rows[row.organisation_id, row.fact_type, row.as_of_on] = row
    changed = store_facts(rows.values(), clock.now())
    firms = sorted({row.organisation_id for row in rows.values()})
    sized = {row.organisation_id for row in rows.values() if row.fact_type in INPUTS}
    if sized and changed:
        derive(sized)
    subject = f"organisation:{firms[0]}" if len(firms) == 1 else ""
    audit_operations.record(
        actor, ProfilesAct.FACTS_RECORD, subject,
        firms=len(firms), types=sorted({row.fact_type for row in rows.values()}), changed=changed,
    )  # fmt: skip
    return changed


def row_of(actor: Actor, fact: RecordedFact) -> FactRow:
    """Return a fact as the table holds it. For this centre only. Raises UnableToRecord."""
    kind = FACT_TYPES.get(fact.fact_type)
    if kind is None or not kind.is_recordable:
        raise UnableToRecord(f"数据项“{fact.fact_type[:60]}”不能登记", field="fact_type", remedy="请从数据项表中选择")
    if fact.as_of_on > clock.today():
        raise UnableToRecord("数据日期不能晚于今天", field="as_of_on")
    if isinstance(fact.value, date) and fact.value > clock.today():
        raise UnableToRecord(f"{kind.label}不能晚于今天", field=kind.code)
    own = policies.is_own(actor, fact.organisation_id)
    if own and kind.is_supplied:
        raise UnableToRecord(f"“{kind.label}”由供数单位提供，企业不能自报", field="fact_type", remedy="有误请提出异议")
    source = SELF_DECLARED if own else fact.source.strip()[:120]
    if not source:
        raise UnableToRecord("请写明数据来源", field="source")
    number, content = to_columns(kind, fact.value)
    return FactRow(fact.organisation_id, kind.code, fact.as_of_on, number, content, source, kind.grade)
