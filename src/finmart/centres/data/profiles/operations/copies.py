"""Copies that an institution keeps under a consent, and their end: deleted or blocked, as the consent said."""

import hashlib
import json
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet

from finmart.centres.data.consents import operations as consents_operations
from finmart.centres.data.consents.types import AfterEnd
from finmart.centres.data.profiles import policies
from finmart.centres.data.profiles.models import (
    Fact,
    FactCopy,
    FactDispute,
    MonthSummary,
    PartnerSummary,
    PastFact,
    SummarisedFirm,
)
from finmart.centres.data.profiles.queries.facts import disclosed, disputed_since, views_within
from finmart.centres.data.profiles.types import (
    FACT_TYPES,
    CopyEnd,
    CopyState,
    DisputeState,
    FactKind,
    FactView,
    ProfilesAct,
    UnableToKeep,
)
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import clock, rowpolicies, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

MOST_ENDED = 200
DISPUTED_THEN, CORRECTED = "留存时有异议", "留存后已更正"


def keep_copy(actor: Actor, organisation_id: int, purpose: str) -> UUID:
    """Keep a copy of what the consent for a purpose covers, as of now; it counts as a read. Returns its uuid.

    The copy lives until the consent ends or its own days are over. Raises ConsentRequired; UnableToKeep where the
    consent allows to look only.
    """
    transactions.require()
    leave = consents_operations.disclose(actor, subject_id=organisation_id, purpose=purpose)
    if leave.keep_until is None or leave.consent_uuid is None or actor.person_id is None:
        raise UnableToKeep("企业的授权不允许留存副本", remedy="可以在授权有效期内查看，或请企业改为“查看并留存”")
    content = [_kept(fact, leave.earliest_on) for fact in disclosed(leave)]
    copy = FactCopy.objects.create(
        subject_id=organisation_id, recipient_id=actor.organisation_id or 0, consent_uuid=leave.consent_uuid,
        disclosure_uuid=leave.uuid, purpose=purpose, taken_by_id=actor.person_id, taken_at=clock.now(),
        keep_until=leave.keep_until, after_end=leave.after_end, fact_count=len(content), content=content,
        sha256=_digest(content),
    )  # fmt: skip
    audit_operations.record(
        actor, ProfilesAct.COPY_KEEP, f"copy:{copy.uuid}", facts=len(content), sha256=copy.sha256,
        keep_until=copy.keep_until.isoformat(),
    )  # fmt: skip
    return copy.uuid


def open_copy(actor: Actor, uuid: UUID) -> list[FactView]:
    """Return what a copy of the actor's institution holds, and record the reading.

    What its firm disputes today is marked, whenever the copy was taken; what it disputed when the copy was taken and
    no longer does, and what was corrected since, says so: the value stays as it was kept. Raises NotFound for others'
    copies; ConsentRequired once consent or copy has ended.
    """
    if actor.organisation_id is not None:
        rowpolicies.open_own(actor.organisation_id)
    copy = FactCopy.objects.filter(uuid=uuid, recipient_id=actor.organisation_id).first()
    if copy is None:
        raise NotFound("没有找到该副本")
    content = copy.content or []
    is_kept = copy.state == CopyState.KEPT and copy.keep_until > clock.now()
    leave = consents_operations.disclose_copy(
        actor, copy.consent_uuid, fact_types=[row["fact_type"] for row in content], is_kept=is_kept
    )
    corrected = _overtaken(copy, content)
    disputed_then = {row["fact_type"] for row in content if row["disputed_at"]}

    def noted(view: FactView) -> FactView:
        told = {
            DISPUTED_THEN: view.code in disputed_then and view.disputed_at is None,
            CORRECTED: view.code in corrected,
        }
        return replace(view, note="，".join(words for words, applies in told.items() if applies))

    return [noted(view) for view in views_within(_marked(copy, content), leave)]


def end_copies_of(actor: Actor, consent_uuid: UUID, reason: CopyEnd) -> int:
    """Delete or block the copies kept under a consent that has ended; return how many. Again, it finds none."""
    return _end(actor, FactCopy.objects.filter(consent_uuid=consent_uuid), reason)


def end_kept_out(actor: Actor) -> int:
    """Delete or block copies whose days are over; return how many. For the platform's job: raises AccessDenied."""
    return _end(actor, FactCopy.objects.filter(keep_until__lte=clock.now()), CopyEnd.KEPT_OUT)


def erase(actor: Actor, organisation_id: int, *, because: str) -> dict[str, int]:
    """Delete all facts of a firm: present ones, older versions, summaries, and every copy kept of them.

    Returns what → how many, for the answer. ``because`` names the request that was granted. What still comes from a
    department or the firm afterwards is recorded anew. For the platform only: raises AccessDenied.
    """
    transactions.require()
    if not policies.can_end_copies(actor):
        raise AccessDenied("企业数据只按已同意的申请删除")
    with rowpolicies.upkeep():
        gone = _erased(actor, organisation_id)
    audit_operations.record(actor, ProfilesAct.FACTS_ERASE, f"organisation:{organisation_id}", because=because, **gone)
    return gone


def _erased(actor: Actor, organisation_id: int) -> dict[str, int]:
    ended = 0
    while found := _end(actor, FactCopy.objects.filter(subject_id=organisation_id), CopyEnd.ERASED):
        ended += found
    # a blocked copy keeps its content until now
    blocked = FactCopy.objects.filter(subject_id=organisation_id, state=CopyState.BLOCKED)
    ended += blocked.update(state=CopyState.DELETED, content=None, ended_by=CopyEnd.ERASED, ended_at=clock.now())
    kinds: dict[str, type[Model]] = {
        "画像": Fact, "画像旧版本": PastFact, "逐月汇总": MonthSummary, "交易对手汇总": PartnerSummary,
        "汇总进度": SummarisedFirm,
    }  # fmt: skip
    gone = {
        label: model._default_manager.filter(organisation_id=organisation_id).delete()[0]  # noqa: SLF001 - Django's own name
        for label, model in kinds.items()
    }
    return gone | {"机构留存的副本": ended}


def _end(actor: Actor, copies: QuerySet[FactCopy], reason: CopyEnd) -> int:
    transactions.require()
    if not policies.can_end_copies(actor):
        raise AccessDenied("副本由平台按授权约定处理")
    with rowpolicies.upkeep():
        return _ended(actor, copies, reason)


def _ended(actor: Actor, copies: QuerySet[FactCopy], reason: CopyEnd) -> int:
    chosen = list(copies.select_for_update().filter(state=CopyState.KEPT).defer("content").order_by("id")[:MOST_ENDED])
    for copy in chosen:
        is_deleted = copy.after_end == AfterEnd.DELETE or reason == CopyEnd.ERASED
        copy.state = CopyState.DELETED if is_deleted else CopyState.BLOCKED
        copy.ended_at, copy.ended_by = clock.now(), reason
        changed = ["state", "ended_at", "ended_by"]
        if is_deleted:
            copy.content = None
            changed.append("content")
        copy.save(update_fields=changed)
        audit_operations.record(
            actor, ProfilesAct.COPY_END, f"copy:{copy.uuid}", state=str(copy.state), reason=str(reason),
            sha256=copy.sha256,
        )  # fmt: skip
    return len(chosen)


def _kept(fact: Fact | PastFact, earliest_on: date | None) -> dict[str, Any]:
    content = fact.content
    if content is not None and earliest_on is not None and FACT_TYPES[fact.fact_type].kind is FactKind.SERIES:
        content = [pair for pair in content if pair[0] >= f"{earliest_on:%Y-%m}"]
    return {
        "fact_type": fact.fact_type, "as_of_on": fact.as_of_on.isoformat(),
        "number": None if fact.number is None else str(fact.number), "content": content,
        "known_at": fact.known_at.isoformat(), "source": fact.source, "grade": fact.grade,
        "disputed_at": since.isoformat() if (since := disputed_since(fact)) else None,
    }  # fmt: skip


def _marked(copy: FactCopy, content: list[dict[str, Any]]) -> list[Fact | PastFact]:
    """Return what was kept, each with since when its firm disputes it today."""
    standing = FactDispute.objects.filter(organisation_id=copy.subject_id, state=DisputeState.OPEN)
    disputed = dict(standing.values_list("fact_type", "raised_at"))
    facts: list[Fact | PastFact] = []
    for row in content:
        fact = _fact(row)
        fact.disputed_at = disputed.get(fact.fact_type)  # type: ignore[attr-defined]  # as the queries annotate it
        facts.append(fact)
    return facts


def _overtaken(copy: FactCopy, content: list[dict[str, Any]]) -> set[str]:
    """Return the types whose value of the very day kept was changed since; a later day's value is no correction."""
    kept = {(row["fact_type"], row["as_of_on"]) for row in content}
    changed = Fact.objects.filter(organisation_id=copy.subject_id, known_at__gt=copy.taken_at)
    days = changed.values_list("fact_type", "as_of_on")
    return {code for code, day in days if (code, day.isoformat()) in kept}


def _fact(row: dict[str, Any]) -> Fact:
    """Return a kept row as a fact that is in no table."""
    return Fact(
        fact_type=row["fact_type"], as_of_on=date.fromisoformat(row["as_of_on"]),
        number=None if row["number"] is None else Decimal(row["number"]), content=row["content"],
        known_at=datetime.fromisoformat(row["known_at"]), source=row["source"], grade=row["grade"],
    )  # fmt: skip


def _digest(content: list[dict[str, Any]]) -> str:
    written = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()
