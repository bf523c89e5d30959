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
    mode: Mode = Mode.VIEW,
    after_end: AfterEnd = AfterEnd.BLOCK,
) -> ConsentView:
    """Let one institution read named fact types for one purpose from now to ``valid_to`` (aware, exclusive).

    ``months_back`` bounds the age of the facts; ``most_calls_a_month`` None means as many as the purpose allows.
    Raises AccessDenied without a mandate for consents, UnableToGrant (with its field) beyond the purpose's bounds.
    """
    transactions.require()
    signer = actor.person_id
    if signer is None or not policies.can_sign_consent(actor, grantor_id):
        raise AccessDenied("签署数据授权需要法定代表人或其书面授权")
    grantor, recipient = _checked_parties(grantor_id, recipient_id, purpose)
    bounds = queries.bounds_of(Purpose(purpose))
    now = clock.now()
    rules.check_terms(bounds, fact_types=fact_types, months_back=months_back, now=now, valid_to=valid_to)
    consent = Consent(
        grantor_id=grantor_id, recipient_id=recipient_id, purpose=purpose, fact_types=sorted(set(fact_types)),
        months_back=months_back, most_calls_a_month=_fewer(most_calls_a_month, bounds.most_calls_a_month),
        mode=mode, after_end=after_end, signed_by_id=signer, valid_from=now, valid_to=valid_to,
    )  # fmt: skip
    insert([consent])
    audit_operations.record(
        actor, ConsentsAct.CONSENT_GRANT, f"consent:{consent.uuid}", recipient=recipient_id, purpose=str(purpose),
        fact_types=consent.fact_types, valid_to=valid_to.isoformat(),
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
    consent.withdrawn_at = now
    consent.save(update_fields=["withdrawn_at"])
    audit_operations.record(actor, ConsentsAct.CONSENT_WITHDRAW, f"consent:{consent.uuid}", purpose=consent.purpose)
    publish(
        events.ConsentWithdrawn(
            consent.uuid, consent.grantor_id, consent.recipient_id, consent.purpose,
            tuple(consent.fact_types), consent.after_end,
        )
    )  # fmt: skip


def record_basis(actor: Actor, purpose: Purpose, *, basis: str, source: str) -> None:
    """Record on what the operator's own use of facts for a purpose rests from now on; older rows stay readable."""
    transactions.require()
    if not policies.can_record_basis(actor):
        raise AccessDenied("只有平台管理员可以登记数据使用依据")
    if purpose not in OPERATOR_PURPOSES:
        raise Refusal("该用途需要企业授权，不能由平台登记依据", field="purpose")
    if not basis.strip() or not source.strip():
        raise Refusal("请填写依据及其出处", field="basis")
    PurposeBasis.objects.create(purpose=purpose, basis=basis.strip(), source=source.strip(), valid_from=clock.now())
    audit_operations.record(actor, ConsentsAct.BASIS_RECORD, f"purpose:{purpose}", basis=basis, source=source)


def _checked_parties(grantor_id: int, recipient_id: int, purpose: str) -> tuple[OrganisationRef, OrganisationRef]:
    if purpose not in CONSENT_PURPOSES:
        raise UnableToGrant("该用途不能由企业授权", field="purpose")
    grantor, recipient = parties_queries.organisations([grantor_id, recipient_id])
    if grantor.kind != OrganisationKind.ENTERPRISE:
        raise UnableToGrant("只有企业可以授权他人查询自己的数据", field="grantor")
    if not policies.can_be_recipient(recipient.kind):
        raise UnableToGrant("只能授权给入驻的金融机构、基金或政府部门", field="recipient")
    return grantor, recipient


def _fewer(wanted: int | None, most: int) -> int:
    """Return the tighter of two call limits, where 0 or None is none."""
    limits = [limit for limit in (wanted or 0, most) if limit > 0]
    return min(limits, default=0)
