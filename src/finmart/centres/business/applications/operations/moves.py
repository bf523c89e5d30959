"""One way for all state changes: policy, table, row, timeline, audit, event.

Locks are taken in one order everywhere: the need, its applications by key, then their cases.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import UUIDField

from finmart.centres.business.applications import events, policies, rules
from finmart.centres.business.applications.models import Application, Need
from finmart.centres.business.applications.types import ApplicationsAct, Move
from finmart.centres.business.cases import operations as cases_operations
from finmart.centres.business.cases.types import TimelineKind
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound
from finmart.kit.events import publish
from finmart.kit.statements import Change, Given, Statement

LONGEST_CLOSING = 200
_APPLICATION = Statement(
    lambda: (
        Application.objects.select_related("case")
        .select_for_update(of=("self",))
        .filter(uuid=Given("uuid", UUIDField()))
    )
)
NEED_MOVED = Change(Need, "state")
_MOVED = Change(Application, "state", "changed_at", "reason", "refusal_reason")
_NEED = Statement(lambda: Need.objects.select_for_update().filter(uuid=Given("uuid", UUIDField())))
_NEED_OF = Statement(
    lambda: Need.objects.select_for_update(of=("self",)).filter(applications__uuid=Given("application", UUIDField()))
)
_TOLD: dict[Move, tuple[ApplicationsAct, type[events.ApplicationEvent]]] = {
    Move.ACCEPT: (ApplicationsAct.APPLICATION_ACCEPT, events.ApplicationAccepted),
    Move.RETURN: (ApplicationsAct.APPLICATION_RETURN, events.ApplicationReturned),
    Move.RESUBMIT: (ApplicationsAct.APPLICATION_RESUBMIT, events.ApplicationResubmitted),
    Move.START_REVIEW: (ApplicationsAct.APPLICATION_START_REVIEW, events.ReviewStarted),
    Move.MAKE_OFFER: (ApplicationsAct.OFFER_MAKE, events.OfferMade),
    Move.LAPSE: (ApplicationsAct.OFFER_EXPIRE, events.OfferExpired),
    Move.ACCEPT_OFFER: (ApplicationsAct.OFFER_ACCEPT, events.OfferAccepted),
    Move.DECLINE: (ApplicationsAct.OFFER_DECLINE, events.OfferDeclined),
    Move.REFUSE: (ApplicationsAct.APPLICATION_REFUSE, events.ApplicationRefused),
    Move.WITHDRAW: (ApplicationsAct.APPLICATION_WITHDRAW, events.ApplicationWithdrawn),
    Move.SIGN: (ApplicationsAct.APPLICATION_SIGN, events.ApplicationSigned),
    Move.DISBURSE: (ApplicationsAct.APPLICATION_DISBURSE, events.ApplicationDisbursed),
    Move.SETTLE: (ApplicationsAct.APPLICATION_SETTLE, events.ApplicationSettled),
    Move.CLOSE: (ApplicationsAct.APPLICATION_CLOSE, events.ApplicationClosed),
}


def locked_need(actor: Actor, need_uuid: UUID) -> Need:
    """Return a need with its row locked. Raises NotFound."""
    need = _NEED.first(uuid=need_uuid)
    if need is None or not policies.can_know_need(actor, need):
        raise NotFound("没有找到该融资需求")
    return need


def locked_need_of(application_uuid: UUID) -> Need:
    """Return the need of an application with its row locked; :func:`begin` says who may. Raises NotFound."""
    need = _NEED_OF.first(application=application_uuid)
    if need is None:
        raise NotFound("没有找到该申请")
    return need


def found(actor: Actor, application_uuid: UUID) -> Application:
    """Return an application with its case, its row locked. Raises NotFound."""
    application = _APPLICATION.first(uuid=application_uuid)
    if application is None or not policies.can_know(actor, application):
        raise NotFound("没有找到该申请")
    return application


def begin(actor: Actor, application_uuid: UUID, made: Move) -> Application:
    """Return the application locked and ready for the move. Raises NotFound, AccessDenied, Conflict."""
    application = found(actor, application_uuid)
    require(actor, application, made)
    return application


def require(actor: Actor, application: Application, made: Move) -> None:
    """Raise AccessDenied where the actor may never make the move, Conflict where the state does not allow it."""
    permit(actor, application, made)
    rules.after(application.state, made)


def permit(actor: Actor, application: Application, made: Move) -> None:
    """Raise AccessDenied where the actor may never make the move."""
    if not policies.can_move(actor, made, application.organisation_id, application.institution_id):
        raise AccessDenied(f"您无权{made.label}")


def move(
    actor: Actor,
    application: Application,
    made: Move,
    text: str,
    *,
    reason: str = "",
    tells: Mapping[str, Any] | None = None,
    **content: Any,
) -> None:
    """Bring a locked application to its next state and tell timeline, audit and subscribers.

    ``text`` is the line all parties read, ``tells`` what the move's event says beyond all others, ``content`` what
    the audit keeps. An ended application ends its case with the same words.
    """
    act, event = _TOLD[made]
    before, application.state = application.state, rules.after(application.state, made)
    application.changed_at = clock.now()
    application.reason = reason
    _MOVED.write(application)
    cases_operations.note(actor, application.case.uuid, TimelineKind.STATE, text)
    audit_operations.record(
        actor, act, f"application:{application.uuid}", before=before, after=str(application.state),
        reason=reason, **content,
    )  # fmt: skip
    if application.state in rules.ENDED:
        cases_operations.close(actor, application.case.uuid, reason=text[:LONGEST_CLOSING])
    publish(
        event(
            application_uuid=application.uuid,
            case_uuid=application.case.uuid,
            number=application.case.number,
            organisation_id=application.organisation_id,
            institution_id=application.institution_id,
            version_id=application.version_id,
            reason=reason,
            **(tells or {}),
        )
    )
