"""Reading processes, always for an actor."""

from finmart.centres.technical.processes.queries.definitions import definition
from finmart.centres.technical.processes.queries.instances import (
    colleagues_for,
    count_started_by,
    events_of,
    figures,
    instances_of,
    progress_of,
    started_by,
    steps_of,
    time_by_lane_for,
)
from finmart.centres.technical.processes.queries.items import (
    copied_to,
    count_copied_to,
    count_done_items_for,
    count_due_soon_for,
    count_open_items_for,
    done_items_for,
    due_soon_for,
    item_for,
    open_items_for,
)
from finmart.centres.technical.processes.queries.of_cases import (
    find_open_item,
    open_item_of,
    running_of_case,
    signers_of_case,
)

__all__ = [
    "colleagues_for",
    "copied_to",
    "count_copied_to",
    "count_done_items_for",
    "count_due_soon_for",
    "count_open_items_for",
    "count_started_by",
    "definition",
    "done_items_for",
    "due_soon_for",
    "events_of",
    "figures",
    "find_open_item",
    "instances_of",
    "item_for",
    "open_item_of",
    "open_items_for",
    "progress_of",
    "running_of_case",
    "signers_of_case",
    "started_by",
    "steps_of",
    "time_by_lane_for",
]
