"""What journeys bring to the page of a work item: the form of a step and what to look at beside it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from finmart.centres.technical.processes.types import ItemView
from finmart.kit.actor import Actor
from finmart.ui.forms import OutcomeForm


@dataclass(frozen=True, slots=True)
class Panel:
    """A card with the form: its title, its template and the template's values; a decisive one is read before it."""

    title: str
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    is_decisive: bool = False


Panels = Callable[[Actor, ItemView], list[tuple[str, str, dict[str, Any], bool]]]
_forms: dict[str, type[OutcomeForm]] = {}
_panels: dict[str, Panels] = {}


def register(process_key: str, *, forms: Mapping[str, type[OutcomeForm]], panels: Panels | None = None) -> None:
    """Have a journey's forms (by form key) and panels shown; called from ``config/wiring.py``."""
    _forms.update(forms)
    if panels is not None:
        _panels[process_key] = panels


def form_of(item: ItemView) -> type[OutcomeForm]:
    """Return the form of a step; one without a form of its own asks for outcome and opinion alone."""
    return _forms.get(item.form, OutcomeForm)


def form_keys() -> frozenset[str]:
    return frozenset(_forms)


def panels_of(actor: Actor, item: ItemView) -> list[Panel]:
    offered = _panels.get(item.process_key)
    return [Panel(*found) for found in offered(actor, item)] if offered else []
