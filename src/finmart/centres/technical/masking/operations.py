"""Showing a masked value in full: with a purpose, a second factor, an end, on record and told to whom it concerns."""

from datetime import timedelta

from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.masking import rules
from finmart.centres.technical.masking.events import ValueUnmasked
from finmart.centres.technical.masking.models import Unmasking
from finmart.centres.technical.masking.types import MaskingAct, Target, UnmaskPurpose
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.kit import clock, events, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied


def unmask(actor: Actor, target: Target, *, purpose: UnmaskPurpose, words: str, has_second_factor: bool) -> None:
    """Let the actor read the target's values in full for some minutes (setting ``masking.unmask_minutes``).

    ``target`` says who the actor is to whom the values belong: the caller, which knows the case, has found that out.
    ``has_second_factor``: the edge has just checked a code of the actor's authenticator. Raises AccessDenied where the
    policy never shows the value to such a viewer or the code is missing, UnableToUnmask without a reason.
    """
    transactions.require()
    if actor.person_id is None or not rules.can_unmask(target.shape, target.viewer):
        raise AccessDenied("您不能查看该信息的原值")
    if not has_second_factor:
        raise AccessDenied("显示原值需要动态验证码", remedy="请先在“账户与安全”中启用动态验证码")
    now = clock.now()
    row = Unmasking.objects.create(
        at=now,
        valid_to=now + timedelta(minutes=parameters_queries.value("masking.unmask_minutes")),
        person_id=actor.person_id,
        organisation_id=actor.organisation_id,
        target_kind=target.kind,
        target_uuid=target.uuid,
        concerned_person_id=target.concerned_person_id,
        concerned_organisation_id=target.concerned_organisation_id,
        purpose=purpose,
        words=rules.clean_words(words),
    )
    audit_operations.record(
        actor, MaskingAct.VALUE_UNMASK, f"{target.kind.lower()}:{target.uuid}",
        purpose=str(purpose), until=row.valid_to.isoformat(), unmasking=str(row.uuid),
    )  # fmt: skip
    events.publish(
        ValueUnmasked(
            unmasking_uuid=row.uuid,
            kind=target.kind,
            concerned_person_id=target.concerned_person_id,
            concerned_organisation_id=target.concerned_organisation_id,
            organisation_name=actor.organisation_name,
            purpose=purpose,
        )
    )
