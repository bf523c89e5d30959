"""Judging a feed's batch before any of it is a fact: what would the store say if it were in (clause D1)?"""

from uuid import UUID

from finmart.centres.data.quality import policies
from finmart.centres.data.quality.models import RuleVersion, Run
from finmart.centres.data.quality.operations.running import write_figures
from finmart.centres.data.quality.queries.batches import tables_of_batch
from finmart.centres.data.quality.queries.versions import rules_in_force, text_of
from finmart.centres.data.quality.rules.checks import spoken
from finmart.centres.data.quality.rules.definitions import is_holding
from finmart.centres.data.quality.rules.judging import judge
from finmart.centres.data.quality.rules.tables import IS_NEW
from finmart.centres.data.quality.types import Figure, QualityAct, Subject, Trigger
from finmart.centres.data.sources import operations as sources_operations
from finmart.centres.data.sources import queries as sources_queries
from finmart.centres.data.sources.types import SuppliedFact
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied

_SUBJECTS = (Subject.FACTS, Subject.FIRMS)


def judge_batch(actor: Actor, batch_uuid: UUID) -> tuple[Figure, ...]:
    """Judge a RECEIVED batch by the rules that read what its feed brings, keep the figures, hold it where one says so.

    Every rule that fails is on record; those with ``holds_from`` hold the batch, for the owner of the rule with the
    largest share of failures. What the batch says is laid over what is known of its firms, so that it is compared with
    other sources and with what this one said before. Raises AccessDenied.
    """
    transactions.require()
    if not (actor.system and policies.can_run(actor)):
        raise AccessDenied("来源批次只由平台按质量规则检查")
    begun = clock.now()
    supplied, _ = sources_queries.supplied_facts(actor, batch_uuid)
    if not supplied:
        return ()
    codes = {one.fact_type for one in supplied}
    versions = {code: one for code, one in rules_in_force(clock.today()).items() if _speaks_of(one, codes)}
    figures = _judged(actor, versions, supplied)
    failing = [one for one in figures if one.share > versions[one.code].most_failed]
    row = Run.objects.create(
        trigger=Trigger.BATCH, batch_uuid=batch_uuid, firms=len({one.organisation_id for one in supplied}),
        begun_at=begun, finished_at=clock.now(),
    )  # fmt: skip
    write_figures(row, versions, figures, [one.code for one in failing])
    audit_operations.record(
        actor, QualityAct.RUN_FINISH, f"run:{row.uuid}", trigger=row.trigger, rules=len(figures),
        failing=[one.code for one in failing],
    )  # fmt: skip
    _hold(actor, batch_uuid, versions, failing)
    return figures


def _hold(actor: Actor, batch_uuid: UUID, versions: dict[str, RuleVersion], failing: list[Figure]) -> None:
    holding = [one for one in failing if is_holding(versions[one.code].holds_from, one.checked)]
    if not holding:
        return
    worst = max(holding, key=lambda one: one.share)
    reason = "；".join(
        f"“{versions[one.code].label}”检查 {one.checked} 行，{one.failed} 行不合格"
        f"（{one.share:.2%}，允许 {versions[one.code].most_failed:.2%}）"
        for one in holding
    )
    sources_operations.hold_batch(
        actor, batch_uuid, f"质量规则不达标：{reason}", owner_id=versions[worst.code].owner_id
    )


def _speaks_of(version: RuleVersion, codes: set[str]) -> bool:
    """Does the rule read any of these facts?"""
    if version.subject not in _SUBJECTS:
        return False
    rule = text_of(version)
    if rule.subject is Subject.FIRMS:
        return bool(codes & set(spoken(rule.check, rule.when, clock.today()).reads))
    named = [
        {row["is"]} if "is" in row else set(row.get("in", ())) for row in rule.when if row["column"] == "fact_type"
    ]
    return all(one & codes for one in named)


def _judged(actor: Actor, versions: dict[str, RuleVersion], supplied: list[SuppliedFact]) -> tuple[Figure, ...]:
    today, figures = clock.today(), []
    rules = {subject: [text_of(one) for one in versions.values() if one.subject == subject] for subject in _SUBJECTS}
    reads = {name for rule in rules[Subject.FIRMS] for name in spoken(rule.check, rule.when, today).reads}
    facts, firms = tables_of_batch(actor, supplied, reads)
    for subject, table in ((Subject.FACTS, facts), (Subject.FIRMS, firms)):
        if rules[subject]:
            figures += judge(table, rules[subject], today, among=IS_NEW if subject is Subject.FACTS else None)
    order = list(versions)
    return tuple(sorted(figures, key=lambda one: order.index(one.code)))
