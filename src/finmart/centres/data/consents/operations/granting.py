"""The firm's own acts: granting and withdrawing; and the operator's recording of its bases."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from finmart.centres.data.consents import events, policies, queries, rules
from finmart.centres.data.consents.models import Consent, PurposeBasis
from finmart.centres.data.consents.types import (
    CONSENT_PURPOSES,
    OPERATOR_PURPOSES,
    AfterEnd,
    ConsentsAct,
    ConsentView,
    Mode,
    Purpose,
    UnableToGrant,
)
from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import OrganisationKind, OrganisationRef
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound, Refusal
from finmart.kit.events import publish
from finmart.kit.statements import insert

MOST_ENDED = 200


def grant(
    actor: Actor,
    *,
    grantor_id: int,
    recipient_id: int,
    purpose: str,
    fact_types: Sequence[str],
    months_back: int,
    valid_to: datetime,
    most_calls_a_month: int | None = None,
    keep_days: int | None = None,
    mode: Mode = Mode.VIEW,
    after_end: AfterEnd = AfterEnd.BLOCK,
) -> ConsentView:
    """Let one institution read named fact types for one purpose from now to ``valid_to`` (aware, exclusive).

    ``months_back`` bounds the age of the facts; ``most_calls_a_month`` and ``keep_days`` (of a copy, where ``mode``
    allows one) None mean as many as the purpose allows. What the bounds say later counts too where it is tighter.
    Raises AccessDenied without a mandate for consents, UnableToGrant (with its field) beyond the purpose's bounds.
    """
    transactions.require()
    signer = actor.person_id
    if signer is None or not policies.can_sign_consent(actor, grantor_id):
        raise AccessDenied("签署数据授权需要法定代表人或其书面授权")
    grantor, recipient = _checked_parties(grantor_id, recipient_id, purpose)
    bounds = queries.bounds_of(Purpose(purpose))
    now = clock.now()
    kept = bounds.most_keep_days if keep_days is None else keep_days
    rules.check_terms(
        bounds, fact_types=fact_types, months_back=months_back, now=now, valid_to=valid_to, keep_days=kept
    )
    consent = Consent(
        grantor_id=grantor_id, recipient_id=recipient_id, purpose=purpose, fact_types=sorted(set(fact_types)),
        months_back=months_back, most_calls_a_month=rules.fewer(most_calls_a_month or 0, bounds.most_calls_a_month),
        keep_days=kept, mode=mode, after_end=after_end, signed_by_id=signer, valid_from=now, valid_to=valid_to,
    )  # fmt: skip
    insert([consent])
    audit_operations.record(
        actor, ConsentsAct.CONSENT_GRANT, f"consent:{consent.uuid}", recipient=recipient_id, purpose=str(purpose),
        fact_types=consent.fact_types, valid_to=valid_to.isoformat(), mode=str(mode),
    )  # fmt: skip
    publish(events.ConsentGranted(consent.uuid, grantor_id, recipient_id, consent.purpose))
    return queries.view(actor, consent, grantor, recipient, actor.person_name, signs=True)


def withdraw(actor: Actor, uuid: UUID) -> None:
    """End a consent at once; from the next read on nothing is disclosed under it. Withdrawing twice changes nothing.

    Raises NotFound for another firm's consent, AccessDenied without a mandate, Refusal where it has already ended.
    """
    transactions.require()
    consent = Consent.objects.select_for_update(no_key=True).filter(uuid=uuid).first()
    if consent is None or consent.grantor_id != actor.organisation_id:
        raise NotFound("没有找到该授权")
    if not policies.can_sign_consent(actor, consent.grantor_id):
        raise AccessDenied("撤回数据授权需要法定代表人或其书面授权")
    if consent.withdrawn_at is not None:
        return
    now = clock.now()
    if consent.valid_to <= now:
        raise Refusal("该授权已经到期，无需撤回", remedy="到期后机构已不能再查询")
    consent.withdrawn_at = consent.ended_at = now
    consent.save(update_fields=["withdrawn_at", "ended_at"])
    audit_operations.record(actor, ConsentsAct.CONSENT_WITHDRAW, f"consent:{consent.uuid}", purpose=consent.purpose)
    publish(events.ConsentWithdrawn(*_told(consent)))


def end_expired(actor: Actor) -> int:
    """Carry out the end of consents whose time is over and return how many; run again, it finds none.

    For the platform's job: raises AccessDenied for others.
    """
    transactions.require()
    if not actor.system:
        raise AccessDenied("只有平台任务可以处理到期授权")
    now = clock.now()
    over = Consent.objects.select_for_update(no_key=True, skip_locked=True).filter(ended_at=None, valid_to__lte=now)
    rows = list(over.order_by("id")[:MOST_ENDED])
    for consent in rows:
        consent.ended_at = now
        consent.save(update_fields=["ended_at"])
        audit_operations.record(actor, ConsentsAct.CONSENT_END, f"consent:{consent.uuid}", purpose=consent.purpose)
        publish(events.ConsentExpired(*_told(consent)))
    return len(rows)


def _told(consent: Consent) -> tuple[UUID, int, int, str, tuple[str, ...], str]:
    return (
        consent.uuid, consent.grantor_id, consent.recipient_id, consent.purpose,
        tuple(consent.fact_types), consent.after_end,
    )  # fmt: skip


def record_basis(
    actor: Actor, purpose: Purpose, *, basis: str, source: str, valid_to: datetime | None = None
) -> None:  # fmt: skip
    """Record on what the operator's own use of facts for a purpose rests from now on; older rows stay readable.

    After ``valid_to`` (None: never) nothing is read for the purpose until a newer basis is recorded. Raises
    AccessDenied for all but the platform's administrator, Refusal with its field.
    """
    transactions.require()
    if not policies.can_record_basis(actor):
        raise AccessDenied("只有平台管理员可以登记数据使用依据")
    if purpose not in OPERATOR_PURPOSES:
        raise Refusal("该用途需要企业授权，不能由平台登记依据", field="purpose")
    if not basis.strip() or not source.strip():
        raise Refusal("请填写依据及其出处", field="basis")
    now = clock.now()
    if valid_to is not None and valid_to <= now:
        raise Refusal("依据的有效期必须晚于今天", field="valid_to")
    PurposeBasis.objects.create(
        purpose=purpose, basis=basis.strip(), source=source.strip(), valid_from=now, valid_to=valid_to,
        recorded_by=actor.label,
    )  # fmt: skip
    audit_operations.record(actor, ConsentsAct.BASIS_RECORD, f"purpose:{purpose}", basis=basis, source=source)


def record_export(actor: Actor, rows: int) -> None:
    """Leave a trace of a part of the ledger that was taken away as a file. Raises AccessDenied for visitors."""
    transactions.require()
    if actor.is_visitor:
        raise AccessDenied("请先登录")
    audit_operations.record(actor, ConsentsAct.LEDGER_EXPORT, rows=rows)


def _checked_parties(grantor_id: int, recipient_id: int, purpose: str) -> tuple[OrganisationRef, OrganisationRef]:
    if purpose not in CONSENT_PURPOSES:
        raise UnableToGrant("该用途不能由企业授权", field="purpose")
    grantor, recipient = parties_queries.organisations([grantor_id, recipient_id])
    if grantor.kind != OrganisationKind.ENTERPRISE:
        raise UnableToGrant("只有企业可以授权他人查询自己的数据", field="grantor")
    if not policies.can_be_recipient(recipient.kind):
        raise UnableToGrant("只能授权给入驻的金融机构、基金或政府部门", field="recipient")
    return grantor, recipient
