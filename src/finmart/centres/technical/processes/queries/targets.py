"""To which earlier steps an open item may be returned."""

from finmart.centres.technical.processes.models import Instance, WorkItem
from finmart.centres.technical.processes.types import ItemState
from finmart.integrations.bpmn import engine
from finmart.integrations.bpmn.model import Model
from finmart.integrations.bpmn.state import Activation, State


def targets_of(instance: Instance, model: Model, state: State, activation: int) -> list[Activation]:
    """Return the finished steps it descends from, latest first; not those that had nobody to sign."""
    skipped = WorkItem.objects.filter(instance=instance, state=ItemState.SKIPPED).values_list("activation", flat=True)
    passed = set(skipped)
    return [row for row in engine.earlier_steps(model, state, activation) if row.id not in passed]
