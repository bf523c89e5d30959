"""One visible table: event → reaction, and the bindings of the journeys."""

from collections.abc import Callable
from typing import Any

from django.conf import settings

from finmart.centres.business.applications import events as applications
from finmart.centres.business.cases.events import MessagePosted
from finmart.centres.business.funds import events as funds_events
from finmart.centres.business.servicing import operations as servicing_operations
from finmart.centres.business.servicing.events import LoanSettled
from finmart.centres.data.consents.events import ConsentExpired, ConsentOver, ConsentWithdrawn
from finmart.centres.data.profiles import operations as profiles_operations
from finmart.centres.data.profiles.types import CopyEnd, RecordedFact
from finmart.centres.data.quality import operations as quality_operations
from finmart.centres.data.risk.events import DriftFound
from finmart.centres.data.sources import operations as sources_operations
from finmart.centres.data.sources import queries as sources_queries
from finmart.centres.data.sources.events import BatchLoaded, BatchReceived, LoadFinished, LoadReleased, SourceDown
from finmart.centres.governance.emergencies import events as emergencies_events
from finmart.centres.governance.feedback.events import AppealDecided
from finmart.centres.governance.warnings import events as warnings_events
from finmart.centres.technical.masking.events import ValueUnmasked
from finmart.centres.technical.parties.events import ConflictRecorded
from finmart.centres.technical.processes import events as processes_events
from finmart.centres.technical.processes import operations as processes_operations
from finmart.config import grading
from finmart.desks.accounts import demo
from finmart.desks.accounts import reactions as accounts_reactions
from finmart.desks.appeals import reactions as appeals_desk
from finmart.desks.cases import reactions as case_desk
from finmart.desks.items import reactions as items_desk
from finmart.desks.items import registry as items_registry
from finmart.desks.scorecards import reactions as scorecards_desk
from finmart.journeys.governance.appeal import bindings as appeal_bindings
from finmart.journeys.governance.appeal import forms as appeal_forms
from finmart.journeys.governance.appeal import panels as appeal_panels
from finmart.journeys.governance.appeal import start as appeal
from finmart.journeys.governance.emergency import bindings as emergency_bindings
from finmart.journeys.governance.emergency import forms as emergency_forms
from finmart.journeys.governance.emergency import panels as emergency_panels
from finmart.journeys.governance.emergency import start as emergency
from finmart.journeys.governance.emergency_call import bindings as emergency_call_bindings
from finmart.journeys.governance.emergency_call import forms as emergency_call_forms
from finmart.journeys.governance.emergency_call import panels as emergency_call_panels
from finmart.journeys.online.bank_loan import bindings as bank_loan_bindings
from finmart.journeys.online.bank_loan import forms as bank_loan_forms
from finmart.journeys.online.bank_loan import panels as bank_loan_panels
from finmart.journeys.online.bank_loan import reactions as bank_loan_reactions
from finmart.journeys.online.bank_loan import start as bank_loan
from finmart.journeys.online.refusal_review import bindings as refusal_review_bindings
from finmart.journeys.online.refusal_review import forms as refusal_review_forms
from finmart.journeys.online.refusal_review import panels as refusal_review_panels
from finmart.journeys.online.refusal_review import start as refusal_review
from finmart.kit import events, grades
from finmart.kit.actor import Actor
from finmart.portals.operator import emergency_reactions
from finmart.portals.operator import reactions as operator_reactions
from finmart.twin import people, preparing
from finmart.ui import context

SUPERVISOR = Actor.of_system("recusal")
BANK_CORE = Actor.of_system("bank_core")
FEEDER = Actor.of_system("数据归集")
CONSENTS = Actor.of_system("consents")
QUALITY = Actor.of_system("数据质量检查")


def _apply_collection(event: funds_events.CollectionSettled) -> None:
    servicing_operations.apply_collection(BANK_CORE, event.collection_uuid, event.amount_fen)


def _cancel_returned(event: funds_events.DisbursementReturned) -> None:
    servicing_operations.cancel_returned(BANK_CORE, event.disbursement_uuid, reason=event.reason)


def _judge_batch(event: BatchReceived) -> None:
    quality_operations.judge_batch(QUALITY, event.batch_uuid)


def _record_supplied(event: BatchLoaded) -> None:
    facts, unreadable = sources_queries.supplied_facts(FEEDER, event.batch_uuid)
    refused = profiles_operations.record_supplied(
        FEEDER,
        [RecordedFact(one.organisation_id, one.fact_type, one.value, one.as_of_on, one.source) for one in facts],
    )
    sources_operations.note_unusable(FEEDER, event.batch_uuid, len(unreadable) + len(refused))


def _judge_load(event: LoadFinished) -> None:
    quality_operations.follow_load(event.load_uuid)


def _compute_released(event: LoadReleased) -> None:
    profiles_operations.ask_to_compute(event.organisation_ids)


def _recuse(event: ConflictRecorded) -> None:
    processes_operations.recuse_everywhere(SUPERVISOR, person_id=event.person_id, organisation_id=event.organisation_id)


def _end_copies(event: ConsentOver) -> None:
    reason = CopyEnd.WITHDRAWN if isinstance(event, ConsentWithdrawn) else CopyEnd.EXPIRED
    while profiles_operations.end_copies_of(CONSENTS, event.consent_uuid, reason) == profiles_operations.MOST_ENDED:
        pass


REACTIONS: list[tuple[type[events.Event], Callable[[Any], None]]] = [
    (funds_events.CollectionSettled, _apply_collection),
    (funds_events.DisbursementPaid, bank_loan_reactions.on_disbursement_paid),
    (funds_events.DisbursementReturned, _cancel_returned),
    (BatchLoaded, _record_supplied),
    (BatchReceived, _judge_batch),
    (LoadFinished, _judge_load),
    (DriftFound, scorecards_desk.on_drift_found),
    (LoadReleased, _compute_released),
    (LoanSettled, bank_loan_reactions.on_loan_settled),
    (ValueUnmasked, accounts_reactions.on_value_unmasked),
    (MessagePosted, case_desk.on_message_posted),
    (applications.ApplicationSubmitted, case_desk.on_application_submitted),
    (applications.ApplicationReturned, case_desk.on_application_returned),
    (applications.ApplicationRefused, case_desk.on_application_refused),
    (applications.ApplicationWithdrawn, case_desk.on_application_taken_back),
    (applications.ApplicationWithdrawn, bank_loan_reactions.on_application_over),
    (applications.ReviewDecided, case_desk.on_review_decided),
    (applications.OfferMade, case_desk.on_offer_made),
    (applications.OfferAccepted, case_desk.on_offer_accepted),
    (applications.OfferDeclined, case_desk.on_application_taken_back),
    (applications.OfferDeclined, bank_loan_reactions.on_application_over),
    (applications.OfferExpired, case_desk.on_offer_expired),
    (ConsentExpired, _end_copies),
    (ConsentWithdrawn, _end_copies),
    (ConsentWithdrawn, bank_loan_reactions.on_consent_withdrawn),
    (AppealDecided, appeals_desk.on_appeal_decided),
    (ConflictRecorded, _recuse),
    (processes_events.StepOpened, items_desk.on_step_opened),
    (processes_events.StepUrged, items_desk.on_step_urged),
    (processes_events.DeadlineMissed, items_desk.on_deadline_missed),
    (processes_events.ItemAssigned, items_desk.on_item_assigned),
    (processes_events.ItemCopied, items_desk.on_item_copied),
    (SourceDown, emergency_reactions.on_source_down),
    (emergencies_events.DrillOverdue, emergency_reactions.on_drill_overdue),
    (emergencies_events.EmergencyProposed, emergency_reactions.on_emergency_proposed),
    (emergencies_events.ImprovementLate, emergency_reactions.on_improvement_late),
    (emergencies_events.PartyCalled, emergency_reactions.on_party_called),
    (emergencies_events.RevisionProposed, emergency_reactions.on_revision_proposed),
    (warnings_events.ScanDone, operator_reactions.on_scan_done),
    (warnings_events.WarningAssigned, operator_reactions.on_warning_assigned),
    (warnings_events.WarningLate, operator_reactions.on_warning_late),
    (warnings_events.WarningNear, operator_reactions.on_warning_near),
    (warnings_events.WarningWorse, operator_reactions.on_warning_worse),
]


def connect() -> None:
    """Subscribe every reaction of the table. Called once by the application registry."""
    for event, reaction in REACTIONS:
        events.subscribe(event, reaction)
    processes_operations.bind(bank_loan.PROCESS, bank_loan_bindings.BINDINGS)
    items_registry.register(bank_loan.PROCESS, forms=bank_loan_forms.FORMS, panels=bank_loan_panels.shown)
    grades.also(grading.rows)
    processes_operations.bind(refusal_review.PROCESS, refusal_review_bindings.BINDINGS)
    items_registry.register(
        refusal_review.PROCESS, forms=refusal_review_forms.FORMS, panels=refusal_review_panels.shown
    )
    processes_operations.bind(emergency.PROCESS, emergency_bindings.BINDINGS)
    processes_operations.bind(emergency_call_bindings.PROCESS, emergency_call_bindings.BINDINGS)
    items_registry.register(emergency.PROCESS, forms=emergency_forms.FORMS, panels=emergency_panels.shown)
    items_registry.register(
        emergency_call_bindings.PROCESS, forms=emergency_call_forms.FORMS, panels=emergency_call_panels.shown
    )
    processes_operations.bind(appeal.PROCESS, appeal_bindings.BINDINGS)
    items_registry.register(appeal.PROCESS, forms=appeal_forms.FORMS, panels=appeal_panels.shown)
    if settings.FINMART_DEMO:
        context.tell_on_every_page(preparing.told)
    demo.offer([demo.DemoAccount(account.username, people.label_of(account)) for account in people.DEMO_ACCOUNTS])
