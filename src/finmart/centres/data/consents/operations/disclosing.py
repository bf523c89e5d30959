"""Every read of a firm's facts by another passes here and leaves a row, given or refused."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NoReturn

from django.db import connection

from finmart.centres.data.consents import policies, queries, rules
from finmart.centres.data.consents.models import Consent, DisclosureEntry
from finmart.centres.data.consents.types import (
    OPERATOR_PURPOSES,
    ConsentRequired,
    Disclosure,
    DisclosureOutcome,
    Purpose,
    Shortfall,
)
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.ids import new_uuid


def disclose(actor: Actor, *, subject_id: int, purpose: str, fact_types: Sequence[str] | None = None) -> Disclosure:
    """Return leave to read a firm's facts and record it; ``fact_types`` None asks for all that a consent covers.

    An institution needs the firm's live consent for the purpose; the system and operator staff need the recorded
    basis of one of the operator's own purposes. Raises ConsentRequired otherwise; that refusal is in the ledger
    even though the caller's transaction is undone. A withdrawal waits for a read in progress and none begins after.
    """
    transactions.require()
    asked = None if fact_types is None else tuple(sorted(set(fact_types)))
    if policies.can_use_operator_purpose(actor, purpose):
        _require_basis(actor, subject_id, purpose, asked or ())
        return _give(actor, subject_id, purpose, asked or (), earliest_on=None, consent=None)
    if not policies.can_ask_under_consent(actor, purpose):
        _refuse(actor, subject_id, purpose, asked or (), Shortfall.WRONG_PARTY)
    consent = _locked_consent(actor, subject_id, purpose, asked)
    if isinstance(consent, Shortfall):
        _refuse(actor, subject_id, purpose, asked or (), consent)
    earliest = rules.months_before(clock.today(), consent.months_back)
    return _give(actor, subject_id, purpose, asked or tuple(consent.fact_types), earliest_on=earliest, consent=consent)


def disclose_population(actor: Actor, *, purpose: str, fact_types: Sequence[str]) -> Disclosure:
    """Return leave to read these facts of every firm for one of the operator's own purposes: one row, no subject."""
    transactions.require()
    asked = tuple(sorted(set(fact_types)))
    if not policies.can_use_operator_purpose(actor, purpose):
        _refuse(actor, None, purpose, asked, Shortfall.WRONG_PARTY)
    _require_basis(actor, None, purpose, asked)
    return _give(actor, None, purpose, asked, earliest_on=None, consent=None)


def _require_basis(actor: Actor, subject_id: int | None, purpose: str, asked: tuple[str, ...]) -> None:
    if purpose in OPERATOR_PURPOSES and queries.basis_of(Purpose(purpose)) is None:
        _refuse(actor, subject_id, purpose, asked, Shortfall.NO_BASIS)


def _locked_consent(actor: Actor, subject_id: int, purpose: str, asked: tuple[str, ...] | None) -> Consent | Shortfall:
    """Return the newest live consent that covers the request, locked against withdrawal, or why there is none."""
    now = clock.now()
    live = list(
        Consent.objects.select_for_update(no_key=True)
        .filter(grantor_id=subject_id, recipient_id=actor.organisation_id, purpose=purpose, withdrawn_at=None)
        .filter(valid_from__lte=now, valid_to__gt=now)
        .order_by("-id")
    )
    covering = [consent for consent in live if asked is None or set(asked) <= set(consent.fact_types)]
    fresh = next((consent for consent in covering if not _is_used_up(consent)), None)
    if fresh is not None:
        return fresh
    if covering:
        return Shortfall.TOO_OFTEN
    return Shortfall.NOT_COVERED if live else Shortfall.NO_CONSENT


def _is_used_up(consent: Consent) -> bool:
    if consent.most_calls_a_month == 0:
        return False
    month = clock.now().astimezone(clock.CITY_ZONE).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    calls = DisclosureEntry.objects.filter(
        consent_id=consent.pk, at__gte=month, outcome=DisclosureOutcome.GIVEN
    ).count()
    return calls >= consent.most_calls_a_month


def _give(
    actor: Actor, subject_id: int | None, purpose: str, asked: tuple[str, ...], *,
    earliest_on: date | None, consent: Consent | None,
) -> Disclosure:  # fmt: skip
    row = _row(actor, subject_id, purpose, asked, DisclosureOutcome.GIVEN)
    consent_uuid = consent.uuid if consent else None
    DisclosureEntry.objects.create(**row, consent_id=consent.pk if consent else None, consent_uuid=consent_uuid)
    return Disclosure(row["uuid"], subject_id, purpose, asked, earliest_on, consent_uuid)


def _refuse(
    actor: Actor, subject_id: int | None, purpose: str, asked: tuple[str, ...], shortfall: Shortfall
) -> NoReturn:
    """Record the refusal in a session of its own, so that it survives the caller's rollback, and raise.

    It touches no row but its own, so it can wait for nobody; the audit row of the denied attempt is the edge's.
    """
    row = _row(actor, subject_id, purpose, asked, DisclosureOutcome.REFUSED) | {"reason": str(shortfall)}
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
    raise ConsentRequired(
        f"不能为“{label}”查看该企业的数据：{shortfall.label}",
        field="purpose",
        remedy="请联系企业在“数据授权”中授权后再查看；本次查询已记入企业可见的查询记录",
    )


def _row(
    actor: Actor, subject_id: int | None, purpose: str, asked: tuple[str, ...], outcome: DisclosureOutcome
) -> dict[str, Any]:
    return {
        "uuid": new_uuid(),
        "at": clock.now(),
        "subject_id": subject_id,
        "recipient_id": actor.organisation_id,
        "recipient_name": actor.organisation_name or actor.label,
        "person_id": actor.person_id,
        "person_name": actor.person_name,
        "purpose": str(purpose)[:24],
        "fact_types": list(asked),
        "outcome": str(outcome),
        "reason": "",
        "trace_id": actor.trace_id,
    }
