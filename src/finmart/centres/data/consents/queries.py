"""Who may see what, and who saw what."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet, UUIDField

from finmart.centres.data.consents import policies, rules
from finmart.centres.data.consents.models import Consent, DisclosureEntry, PurposeBasis
from finmart.centres.data.consents.types import (
    CONSENT_PURPOSES,
    OPERATOR_PURPOSES,
    AfterEnd,
    BasisView,
    ConsentFigures,
    ConsentState,
    ConsentView,
    DisclosureOutcome,
    DisclosureRow,
    LedgerFilter,
    LedgerPage,
    Mode,
    Purpose,
    PurposeBounds,
    ReadKind,
    Shortfall,
    VolumeBounds,
    VolumeRow,
)
from finmart.centres.technical.masking import queries as masking_queries
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import OrganisationKind, OrganisationRef, PersonRef
from finmart.kit import clock, sql
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound
from finmart.kit.statements import Given, Statement

_TOO_MANY = (Shortfall.TOO_MANY_BY_PERSON, Shortfall.TOO_MANY_FIRMS)
_VOLUMES = """
WITH today AS (
  SELECT * FROM consents_disclosureentry WHERE at >= %(since)s AND person_id IS NOT NULL AND subject_id IS NOT NULL
    AND what <> 'COPY'
), persons AS (
  SELECT recipient_id, person_id, count(DISTINCT subject_id) AS firms FROM today WHERE outcome = 'GIVEN' GROUP BY 1, 2
)
SELECT max(recipient_name), count(DISTINCT subject_id) FILTER (WHERE outcome = 'GIVEN') AS firms,
  COALESCE((SELECT max(firms) FROM persons WHERE persons.recipient_id IS NOT DISTINCT FROM today.recipient_id), 0),
  count(*) FILTER (WHERE reason = ANY(%(reasons)s))
FROM today GROUP BY recipient_id ORDER BY firms DESC, max(recipient_name)
"""
_CONSENT = Statement(lambda: Consent.objects.select_related("signed_by").filter(uuid=Given("uuid", UUIDField())))


def bounds_of(purpose: Purpose) -> PurposeBounds:
    """Return the most a consent may allow for a purpose: the settings ``consents.<purpose>.…``, else our defaults."""
    default = rules.DEFAULT_BOUNDS[purpose]
    keys = [f"consents.{purpose.lower()}.{name}" for name in rules.BOUND_NAMES]
    try:
        found = parameters_queries.values(keys)
    except NotFound:  # no pack is loaded
        return default
    return PurposeBounds(*(int(found[key]) for key in keys))


def volume_bounds() -> VolumeBounds:
    """Return how many different firms may be read in a day: the settings ``consents.volume.…``, else our defaults."""
    keys = ("consents.volume.most_firms_by_institution", "consents.volume.most_firms_by_person")
    try:
        found = parameters_queries.values(keys)
    except NotFound:  # no pack is loaded
        return rules.DEFAULT_VOLUME
    return VolumeBounds(*(int(found[key]) for key in keys))


def purposes() -> list[tuple[Purpose, PurposeBounds]]:
    """Return the purposes a firm may consent to, each with its bounds, for the consent form."""
    return [(purpose, bounds_of(purpose)) for purpose in sorted(CONSENT_PURPOSES)]


def consents_for(actor: Actor, *, limit: int = 200) -> list[ConsentView]:
    """Return the consents the actor's organisation granted or received, the newest first."""
    rows = _visible(actor).order_by("-id")[:limit]
    return _views(actor, list(rows))


def consent_for(actor: Actor, uuid: UUID) -> ConsentView:
    """Return one consent. Raises NotFound, also for a consent between others."""
    row = _CONSENT.first(uuid=uuid)
    if row is None or actor.organisation_id not in {row.grantor_id, row.recipient_id}:
        raise NotFound("没有找到该授权")
    return _views(actor, [row])[0]


def covered_fact_types(*, grantor_id: int, recipient_id: int, purpose: str) -> frozenset[str]:
    """Return the fact types the recipient may read now, for pages that must say so before anything is read."""
    now = clock.now()
    live = Consent.objects.filter(
        grantor_id=grantor_id, recipient_id=recipient_id, purpose=purpose, withdrawn_at=None,
        valid_from__lte=now, valid_to__gt=now,
    )  # fmt: skip
    return frozenset(code for consent in live for code in consent.fact_types)


def modes_in_force(*, grantor_id: int, recipient_id: int, purpose: str) -> frozenset[str]:
    """Return what the recipient may do now with what it sees (``Mode`` codes), for pages that ask beforehand."""
    now = clock.now()
    live = Consent.objects.filter(
        grantor_id=grantor_id, recipient_id=recipient_id, purpose=purpose, withdrawn_at=None,
        valid_from__lte=now, valid_to__gt=now,
    )  # fmt: skip
    return frozenset(live.values_list("mode", flat=True))


def ledger_for(actor: Actor, narrowed: LedgerFilter, *, page: int = 1, size: int = 20) -> LedgerPage:
    """Return one page of the ledger, the newest lines first: of its own facts for a firm, reads of all firms at once
    among them; of its own requests for an institution; all for the operator.
    """
    rows = _narrowed(_ledger_of(actor), narrowed)
    total = rows.count()
    chosen = min(max(page, 1), max(1, -(-total // size)))
    found = rows.order_by("-id")[(chosen - 1) * size : chosen * size]
    return LedgerPage(tuple(_ledger_rows(actor, found)), total, chosen, size)


def ledger_recipients_for(actor: Actor) -> list[str]:
    """Return the names of those who stand in the actor's part of the ledger, for its filter."""
    return sorted(set(_ledger_of(actor).values_list("recipient_name", flat=True)[:10_000]))


def _ledger_of(actor: Actor) -> QuerySet[DisclosureEntry]:
    if policies.can_read_whole_ledger(actor):
        return DisclosureEntry.objects.all()
    if actor.organisation_id is None:
        return DisclosureEntry.objects.none()
    own = Q(subject_id=actor.organisation_id) | Q(recipient_id=actor.organisation_id)
    if actor.organisation_kind == OrganisationKind.ENTERPRISE:
        own |= Q(subject_id=None, outcome=DisclosureOutcome.GIVEN)
    return DisclosureEntry.objects.filter(own)


def _narrowed(rows: QuerySet[DisclosureEntry], wanted: LedgerFilter) -> QuerySet[DisclosureEntry]:
    plain = {"recipient_name": wanted.recipient, "purpose": wanted.purpose, "outcome": wanted.outcome,
             "what": wanted.what}  # fmt: skip
    rows = rows.filter(**{name: value for name, value in plain.items() if value})
    if wanted.since:
        rows = rows.filter(at__gte=start_of(wanted.since))
    if wanted.until:
        rows = rows.filter(at__lt=start_of(wanted.until + timedelta(days=1)))
    return rows


def disclosures_for(actor: Actor, *, limit: int = 100) -> list[DisclosureRow]:
    """Return the newest lines of the ledger: of its own facts for a firm, of its own requests for an institution,
    all for the operator.
    """
    rows = DisclosureEntry.objects.order_by("-id")
    if not policies.can_read_whole_ledger(actor):
        if actor.organisation_id is None:
            return []
        rows = rows.filter(Q(subject_id=actor.organisation_id) | Q(recipient_id=actor.organisation_id))
    return _ledger_rows(actor, rows[:limit])


def readers_since(actor: Actor, since: datetime, purpose: Purpose) -> dict[int, frozenset[int]]:
    """Return firm → the institutions that were shown its facts for a purpose since a moment; for the operator's jobs.

    Raises AccessDenied for all but the system.
    """
    if not actor.system:
        raise AccessDenied("查询记录的汇总仅供系统使用")
    rows = DisclosureEntry.objects.filter(
        at__gte=since, purpose=purpose, outcome=DisclosureOutcome.GIVEN, subject_id__isnull=False
    ).values_list("subject_id", "recipient_id")
    found: dict[int, set[int]] = {}
    for subject, recipient in rows.distinct():
        if subject is not None and recipient is not None:
            found.setdefault(subject, set()).add(recipient)
    return {subject: frozenset(recipients) for subject, recipients in found.items()}


def figures() -> ConsentFigures:
    """Return how many consents are in force and how many reads were given and refused, over all firms."""
    now = clock.now()
    live = Consent.objects.filter(withdrawn_at=None, valid_from__lte=now, valid_to__gt=now).count()
    found = dict(DisclosureEntry.objects.values_list("outcome").annotate(Count("id")))
    return ConsentFigures(live, found.get(DisclosureOutcome.GIVEN, 0), found.get(DisclosureOutcome.REFUSED, 0))


def basis_of(purpose: Purpose) -> BasisView | None:
    """Return on what the operator's use for this purpose rests at this moment, or None where nothing is in force."""
    row = PurposeBasis.objects.filter(purpose=purpose, valid_from__lte=clock.now()).order_by("-valid_from").first()
    found = _basis(row) if row else None
    return found if found and found.is_in_force else None


def bases() -> list[BasisView]:
    """Return the bases in force of the operator's own purposes; published to everybody."""
    newest = PurposeBasis.objects.filter(purpose__in=OPERATOR_PURPOSES, valid_from__lte=clock.now())
    rows = newest.order_by("purpose", "-valid_from").distinct("purpose")
    return [found for row in rows if (found := _basis(row)).is_in_force]


def bases_for(actor: Actor) -> list[BasisView]:
    """Return every basis ever recorded, by purpose, the newest first. Raises AccessDenied for all but the operator."""
    if not policies.can_read_whole_ledger(actor):
        raise AccessDenied("数据用途依据的登记只对运营人员开放")
    rows = list(PurposeBasis.objects.order_by("purpose", "-valid_from"))
    names = parties_queries.shown(row.recorded_by for row in rows)
    return [replace(_basis(row), recorded_by=names[row.recorded_by]) for row in rows]


def reads_by_purpose_for(actor: Actor) -> dict[str, tuple[int, int]]:
    """Return purpose → reads given and refused in the past 30 days. Raises AccessDenied for all but the operator."""
    if not policies.can_read_whole_ledger(actor):
        raise AccessDenied("数据读取统计只对运营人员开放")
    since = clock.now() - timedelta(days=30)
    rows = DisclosureEntry.objects.filter(at__gte=since).values_list("purpose", "outcome").annotate(Count("id"))
    found: dict[str, dict[str, int]] = {}
    for purpose, outcome, number in rows:
        found.setdefault(purpose, {})[outcome] = number
    return {
        purpose: (counts.get(DisclosureOutcome.GIVEN, 0), counts.get(DisclosureOutcome.REFUSED, 0))
        for purpose, counts in found.items()
    }


def volumes_for(actor: Actor) -> list[VolumeRow]:
    """Return what each organisation's people read today (a day of the city), who read most first.

    Raises AccessDenied for all but the operator.
    """
    if not policies.can_read_whole_ledger(actor):
        raise AccessDenied("查看量统计只对运营人员开放")
    return [
        VolumeRow(*row) for row in sql.rows(_VOLUMES, {"since": start_of(clock.today()), "reasons": list(_TOO_MANY)})
    ]


def start_of(day: date) -> datetime:
    """Return the moment at which a day of the city begins. For this centre only."""
    return datetime.combine(day, time.min, tzinfo=clock.CITY_ZONE)


def may_record_basis(actor: Actor) -> bool:
    """May the actor record a basis?"""
    return policies.can_record_basis(actor)


def _visible(actor: Actor) -> QuerySet[Consent]:
    if actor.organisation_id is None:
        return Consent.objects.none()
    own = Q(grantor_id=actor.organisation_id) | Q(recipient_id=actor.organisation_id)
    return Consent.objects.filter(own).select_related("signed_by")


def _views(actor: Actor, rows: list[Consent]) -> list[ConsentView]:
    ids = sorted({row.grantor_id for row in rows} | {row.recipient_id for row in rows})
    organisations = {found.id: found for found in parties_queries.organisations(ids)}
    signs = actor.organisation_id is not None and policies.can_sign_consent(actor, actor.organisation_id)
    return [
        view(actor, row, organisations[row.grantor_id], organisations[row.recipient_id], row.signed_by.full_name,
             signs=signs)
        for row in rows
    ]  # fmt: skip


def view(
    actor: Actor, row: Consent, grantor: OrganisationRef, recipient: OrganisationRef, signed_by: str, *, signs: bool
) -> ConsentView:
    """Return a consent as the actor sees it; ``signs`` where the actor may sign for its firm. For this centre only."""
    state = rules.state_of(
        now=clock.now(), valid_from=row.valid_from, valid_to=row.valid_to, withdrawn_at=row.withdrawn_at
    )
    return ConsentView(
        uuid=row.uuid,
        grantor=grantor,
        recipient=recipient,
        purpose=row.purpose,
        purpose_label=Purpose(row.purpose).label,
        fact_types=tuple(row.fact_types),
        months_back=row.months_back,
        most_calls_a_month=row.most_calls_a_month,
        keep_days=row.keep_days,
        mode=row.mode,
        mode_label=Mode(row.mode).label,
        after_end_label=AfterEnd(row.after_end).label,
        state=state,
        state_label=state.label,
        signed_by=signed_by,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        withdrawn_at=row.withdrawn_at,
        may_withdraw=signs and state == ConsentState.IN_FORCE and row.grantor_id == actor.organisation_id,
    )


def _ledger_rows(actor: Actor, rows: Iterable[DisclosureEntry]) -> list[DisclosureRow]:
    found = list(rows)
    names = parties_queries.persons({row.person_id for row in found if row.person_id is not None})
    return [_ledger_row(actor, row, names) for row in found]


def _ledger_row(actor: Actor, row: DisclosureEntry, names: Mapping[int, PersonRef]) -> DisclosureRow:
    return DisclosureRow(
        uuid=row.uuid,
        at=row.at,
        subject_id=row.subject_id,
        recipient_name=row.recipient_name,
        person_name=_name(actor, row, names),
        purpose=row.purpose,
        purpose_label=Purpose(row.purpose).label if row.purpose in list(Purpose) else row.purpose,
        fact_types=tuple(row.fact_types),
        what_label=ReadKind(row.what).label,
        earliest_on=row.earliest_on,
        outcome=row.outcome,
        outcome_label=DisclosureOutcome(row.outcome).label,
        reason=Shortfall(row.reason).label if row.reason else "",
        consent_uuid=row.consent_uuid,
    )


def _name(actor: Actor, row: DisclosureEntry, names: Mapping[int, PersonRef]) -> str:
    """A refusal stays recorded where the person it names was registered in the transaction that was undone.

    The firm whose facts were read knows who read them by name; to the operator the name is masked.
    """
    found = names.get(row.person_id) if row.person_id is not None else None
    if found is None:
        return ""
    return masking_queries.name_of_partner(
        actor, found.full_name, organisation_id=row.recipient_id, person_id=row.person_id
    )


def _basis(row: PurposeBasis) -> BasisView:
    now = clock.now()
    return BasisView(
        row.purpose, Purpose(row.purpose).label, row.basis, row.source, row.valid_from, row.valid_to, row.recorded_by,
        is_in_force=row.valid_from <= now and (row.valid_to is None or row.valid_to > now),
    )  # fmt: skip
