"""Every read of a firm's facts by another passes here and leaves a row, given or refused."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NoReturn
from uuid import UUID

from django.db import connection
from django.db.models import BigIntegerField, CharField, DateTimeField

from finmart.centres.data.consents import policies, queries, rules
from finmart.centres.data.consents.models import Consent, DisclosureEntry
from finmart.centres.data.consents.operations import volume
from finmart.centres.data.consents.types import (
    OPERATOR_PURPOSES,
    ConsentRequired,
    Disclosure,
    DisclosureOutcome,
    Mode,
    Purpose,
    PurposeBounds,
    ReadKind,
    Shortfall,
)
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import NotFound
from finmart.kit.ids import new_uuid
from finmart.kit.statements import Given, Statement, insert

_LIVE = Statement(
    lambda: (
        Consent.objects.select_for_update(no_key=True)
        .filter(grantor=Given("grantor", BigIntegerField()), recipient=Given("recipient", BigIntegerField()))
        .filter(purpose=Given("purpose", CharField()), withdrawn_at=None)
        .filter(valid_from__lte=Given("now", DateTimeField()), valid_to__gt=Given("now", DateTimeField()))
        .order_by("-id")
    )
)
# Recorded and allowed in one statement: nothing goes in where the newest basis of the purpose is missing or over.
_ON_BASIS = """
INSERT INTO consents_disclosureentry ({columns}) SELECT {places} FROM (
  SELECT valid_to FROM consents_purposebasis WHERE purpose = %s AND valid_from <= %s ORDER BY valid_from DESC LIMIT 1
) AS basis WHERE valid_to IS NULL OR valid_to > %s
"""


def disclose(
    actor: Actor, *, subject_id: int, purpose: str, fact_types: Sequence[str] | None = None, conclusion: bool = False
) -> Disclosure:
    """Return leave to read a firm's facts and record it; ``fact_types`` None asks for all that a consent covers.

    An institution needs the firm's live consent for the purpose, within what the purpose's bounds allow today; the
    system and operator staff need the recorded basis of one of the operator's own purposes. Nobody reads more firms in
    a day than :mod:`volume` allows. ``conclusion``: only an
    answer made of the facts will leave the platform, which a consent to conclusions allows too. Raises
    ConsentRequired otherwise; that refusal is in the ledger even though the caller's transaction is undone. A
    withdrawal waits for a read in progress and none begins after.
    """
    transactions.require()
    what = ReadKind.CONCLUSION if conclusion else ReadKind.FACTS
    asked = None if fact_types is None else tuple(sorted(set(fact_types)))
    if policies.can_use_operator_purpose(actor, purpose):
        too_many = volume.shortfall(actor, subject_id, purpose)
        if too_many is not None:
            _refuse(actor, subject_id, purpose, asked or (), too_many, what)
        return _on_basis(actor, subject_id, purpose, asked or (), what)
    if not policies.can_ask_under_consent(actor, purpose):
        _refuse(actor, subject_id, purpose, asked or (), Shortfall.WRONG_PARTY, what)
    bounds = queries.bounds_of(Purpose(purpose))
    too_many = volume.shortfall(actor, subject_id, purpose)  # before the consent is locked: always in this order
    consent = _usable_consent(actor, subject_id, purpose, asked, bounds, conclusion=conclusion)
    if isinstance(consent, Shortfall):
        _refuse(actor, subject_id, purpose, asked or (), consent, what)
    if too_many is not None:
        _refuse(actor, subject_id, purpose, asked or (), too_many, what)
    return _under_consent(actor, consent, bounds, asked or tuple(consent.fact_types), what)


def disclose_population(actor: Actor, *, purpose: str, fact_types: Sequence[str]) -> Disclosure:
    """Return leave to read these facts of every firm for one of the operator's own purposes: one row, no subject."""
    transactions.require()
    asked = tuple(sorted(set(fact_types)))
    if not policies.can_use_operator_purpose(actor, purpose):
        _refuse(actor, None, purpose, asked, Shortfall.WRONG_PARTY)
    return _on_basis(actor, None, purpose, asked, ReadKind.FACTS)


def disclose_copy(actor: Actor, consent_uuid: UUID, *, fact_types: Sequence[str], is_kept: bool) -> Disclosure:
    """Return leave to read a copy that the actor's institution kept under a consent, and record it.

    ``is_kept`` says whether the copy is still there. Reading a copy is no call of the consent's monthly limit. Raises
    NotFound for others' consents; ConsentRequired where consent or copy has ended, also before the job has come by.
    """
    transactions.require()
    consent = Consent.objects.select_for_update(no_key=True).filter(uuid=consent_uuid).first()
    if consent is None or consent.recipient_id != actor.organisation_id or actor.person_id is None:
        raise NotFound("没有找到该副本")
    asked, now = tuple(sorted(set(fact_types))), clock.now()
    if not is_kept or consent.withdrawn_at is not None or consent.valid_to <= now:
        reason = Shortfall.COPY_ENDED if not is_kept else Shortfall.NO_CONSENT
        _refuse(actor, consent.grantor_id, consent.purpose, asked, reason, ReadKind.COPY)
    bounds = queries.bounds_of(Purpose(consent.purpose))
    return _under_consent(actor, consent, bounds, asked, ReadKind.COPY)


def _usable_consent(
    actor: Actor, subject_id: int, purpose: str, asked: tuple[str, ...] | None, bounds: PurposeBounds, *,
    conclusion: bool,
) -> Consent | Shortfall:  # fmt: skip
    """Return the newest live consent that covers the request, locked against withdrawal, or why there is none."""
    now = clock.now()
    found = _LIVE.all(grantor=subject_id, recipient=actor.organisation_id, purpose=str(purpose), now=now)
    sieves: list[tuple[Shortfall, Callable[[Consent], bool]]] = [
        (Shortfall.NO_CONSENT, lambda _: True),
        (Shortfall.BEYOND_BOUNDS, lambda one: not rules.is_beyond(bounds, valid_from=one.valid_from, now=now)),
        (Shortfall.NOT_COVERED, lambda one: asked is None or set(asked) <= set(one.fact_types)),
        (Shortfall.CONCLUSIONS_ONLY, lambda one: conclusion or one.mode != Mode.QUERY),
    ]
    for shortfall, passes in sieves:
        found = [one for one in found if passes(one)]
        if not found:
            return shortfall
    unlimited = next((one for one in found if not one.most_calls_a_month), None)
    if unlimited is not None and not bounds.most_calls_a_month:
        return unlimited
    calls = _calls_of_month(actor, subject_id, purpose, now)
    if bounds.most_calls_a_month and sum(calls.values()) >= bounds.most_calls_a_month:
        return Shortfall.TOO_OFTEN
    fresh = (one for one in found if not one.most_calls_a_month or calls.get(one.pk, 0) < one.most_calls_a_month)
    return next(fresh, Shortfall.TOO_OFTEN)


def _calls_of_month(actor: Actor, subject_id: int, purpose: str, now: datetime) -> dict[int, int]:
    """Return consent → calls in the city's month; the locked consents keep others from counting at the same time."""
    month = now.astimezone(clock.CITY_ZONE).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    given = DisclosureEntry.objects.filter(
        subject_id=subject_id, recipient_id=actor.organisation_id, purpose=str(purpose), at__gte=month,
        outcome=DisclosureOutcome.GIVEN,
    ).exclude(what=ReadKind.COPY)  # fmt: skip
    calls: dict[int, int] = {}
    for consent_id in given.values_list("consent_id", flat=True):
        if consent_id is not None:
            calls[consent_id] = calls.get(consent_id, 0) + 1
    return calls


def _under_consent(
    actor: Actor, consent: Consent, bounds: PurposeBounds, asked: tuple[str, ...], what: ReadKind
) -> Disclosure:
    earliest = rules.months_before(clock.today(), min(consent.months_back, bounds.most_months_back))
    row = _row(actor, consent.grantor_id, consent.purpose, asked, DisclosureOutcome.GIVEN, what)
    row |= {"earliest_on": earliest, "consent_id": consent.pk, "consent_uuid": consent.uuid}
    insert([DisclosureEntry(**row)])
    keep_days = min(consent.keep_days, bounds.most_keep_days)
    keep_until = min(consent.valid_to, row["at"] + timedelta(days=keep_days))
    return Disclosure(
        row["uuid"], consent.grantor_id, consent.purpose, asked, earliest, consent.uuid,
        conclusions_only=consent.mode == Mode.QUERY,
        keep_until=keep_until if consent.mode == Mode.STORE else None,
        after_end=consent.after_end,
    )  # fmt: skip


def _on_basis(actor: Actor, subject_id: int | None, purpose: str, asked: tuple[str, ...], what: ReadKind) -> Disclosure:
    row = _row(actor, subject_id, purpose, asked, DisclosureOutcome.GIVEN, what)
    statement = _ON_BASIS.format(columns=", ".join(row), places=", ".join(_typed(name) for name in row))
    with connection.cursor() as cursor:
        cursor.execute(statement, [*row.values(), str(purpose), row["at"], row["at"]])
        is_recorded = cursor.rowcount == 1
    if not is_recorded:
        _refuse(actor, subject_id, purpose, asked, Shortfall.NO_BASIS, what)
    return Disclosure(row["uuid"], subject_id, purpose, asked, None, None)


def _typed(name: str) -> str:
    """Return a value's place with its column's type, which a SELECT does not know by itself."""
    types = {"uuid": "uuid", "at": "timestamptz", "fact_types": "varchar[]"}
    types |= dict.fromkeys(("subject_id", "recipient_id", "person_id"), "bigint")
    return f"%s::{types.get(name, 'varchar')}"


def _refuse(
    actor: Actor, subject_id: int | None, purpose: str, asked: tuple[str, ...], shortfall: Shortfall,
    what: ReadKind = ReadKind.FACTS,
) -> NoReturn:  # fmt: skip
    """Record the refusal in a session of its own, so that it survives the caller's rollback, and raise.

    It touches no row but its own, so it can wait for nobody; the audit row of the denied attempt is the edge's.
    """
    row = _row(actor, subject_id, purpose, asked, DisclosureOutcome.REFUSED, what) | {"reason": str(shortfall)}
    columns = ", ".join(row)
    places = ", ".join(["%s"] * len(row))
    witness = connection.copy()
    try:
        with witness.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO consents_disclosureentry ({columns}) VALUES ({places})",  # noqa: S608 - our own names
                list(row.values()),
            )
    finally:
        witness.close()
    label = Purpose(purpose).label if purpose in list(Purpose) else purpose
    remedy = "请联系企业在“数据授权”中授权后再查看；本次查询已记入企业可见的查询记录"
    if shortfall in (Shortfall.TOO_MANY_BY_PERSON, Shortfall.TOO_MANY_FIRMS):
        remedy = "请明日再查看，或请平台运营在“平台参数”中调整每日上限；本次查询已记录"
    elif purpose in OPERATOR_PURPOSES:
        remedy = "请由平台管理员在“数据用途”中登记或续期依据；本次查询已记录"
    raise ConsentRequired(f"不能为“{label}”查看该企业的数据：{shortfall.label}", field="purpose", remedy=remedy)


def _row(
    actor: Actor, subject_id: int | None, purpose: str, asked: tuple[str, ...], outcome: DisclosureOutcome,
    what: ReadKind,
) -> dict[str, Any]:  # fmt: skip
    return {
        "uuid": new_uuid(),
        "at": clock.now(),
        "subject_id": subject_id,
        "recipient_id": actor.organisation_id,
        "recipient_name": actor.organisation_name or actor.label,
        "person_id": actor.person_id,
        "purpose": str(purpose)[:24],
        "fact_types": list(asked),
        "what": str(what),
        "outcome": str(outcome),
        "reason": "",
        "trace_id": actor.trace_id,
    }
