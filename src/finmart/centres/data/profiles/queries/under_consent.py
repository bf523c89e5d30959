"""What a consent lets others have besides the facts themselves: conclusions, and copies kept until it ends (F2)."""

from collections.abc import Mapping, Sequence

from django.db.models import Q

from finmart.centres.data.consents import operations as consents_operations
from finmart.centres.data.consents import queries as consents_queries
from finmart.centres.data.consents.types import Purpose
from finmart.centres.data.profiles.models import FactCopy
from finmart.centres.data.profiles.queries.facts import disclosed, known_of
from finmart.centres.data.profiles.types import FACT_TYPES, CopyEnd, CopyState, CopyView
from finmart.kit import clock, rowpolicies
from finmart.kit.actor import Actor
from finmart.kit.criteria import CompiledRules, Criterion, Field, State

_BASE = {"established_months": "established_on"}  # what is derived, and from which fact


def answers_for(
    actor: Actor, organisation_id: int, purpose: str, criteria: Sequence[Criterion], fields: Mapping[str, Field]
) -> list[State]:
    """Return which criteria a firm meets, in their order, without a value leaving the platform (a conclusion).

    For criteria that are published; who could ask freely would find every value. What the consent or its range does
    not cover, and criteria on anything but facts, are unknown. Leaves a ledger line; raises ConsentRequired.
    """
    needed = {_BASE.get(one.field, one.field) for one in criteria} & FACT_TYPES.keys()
    covered = consents_queries.covered_fact_types(
        grantor_id=organisation_id, recipient_id=actor.organisation_id or 0, purpose=purpose
    )
    asked = sorted(needed & covered)
    leave = consents_operations.disclose(
        actor, subject_id=organisation_id, purpose=purpose, fact_types=asked or None, conclusion=True
    )
    known = known_of(disclosed(leave)) if asked else {}
    rules = CompiledRules(fields, [list(criteria)])
    values = {code: known[code].value for code in rules.fields if code in known}
    return [State(int(state)) for state in rules.evaluate(values).states]


def copies_for(actor: Actor, *, limit: int = 200) -> list[CopyView]:
    """Return the copies kept of the actor's firm, or by the actor's institution, the newest first; never content."""
    if actor.organisation_id is None:
        return []
    rowpolicies.open_own(actor.organisation_id)
    own = Q(subject_id=actor.organisation_id) | Q(recipient_id=actor.organisation_id)
    rows = FactCopy.objects.filter(own).select_related("subject", "recipient", "taken_by").defer("content")
    now = clock.now()
    return [
        CopyView(
            uuid=row.uuid, consent_uuid=row.consent_uuid, subject_name=row.subject.name,
            recipient_name=row.recipient.name, purpose=Purpose(row.purpose).label, taken_by=row.taken_by.full_name,
            taken_at=row.taken_at, keep_until=row.keep_until, fact_count=row.fact_count, sha256=row.sha256,
            state=row.state, state_label=CopyState(row.state).label, ended_at=row.ended_at,
            ended_by_label=CopyEnd(row.ended_by).label if row.ended_by else "",
            may_open=row.state == CopyState.KEPT and row.keep_until > now
            and row.recipient_id == actor.organisation_id,
        )
        for row in rows.order_by("-id")[:limit]
    ]  # fmt: skip
