"""Having the rules run soon, as a job: a person asks, or a load came in."""

from uuid import UUID

from procrastinate.contrib.django import app

from finmart.centres.data.quality import policies
from finmart.centres.data.quality.types import QualityAct
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied


def ask_for_run(actor: Actor) -> None:
    """Queue a run over everything. Raises AccessDenied for all but people of the operator."""
    transactions.require()
    if not policies.can_set(actor):
        raise AccessDenied("质量规则只由平台或运营人员运行")
    audit_operations.record(actor, QualityAct.RUN_ASK)
    app.configure_task("quality:run_asked").defer()


def follow_load(load_uuid: UUID) -> None:
    """Queue the run that judges what a load touched; judged twice, it is recorded once."""
    transactions.require()
    app.configure_task("quality:run_after_load").defer(load_uuid=str(load_uuid))
