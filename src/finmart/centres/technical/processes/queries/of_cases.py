"""What runs for a case: asked by journeys, which know their own steps."""

from uuid import UUID

from finmart.centres.technical.processes.models import Instance
from finmart.centres.technical.processes.types import InstanceState
from finmart.kit import sql
from finmart.kit.errors import NotFound

# By hand, so that open items are found by their own index however many are done: the state is no parameter.
_OPEN_ITEMS = """
SELECT w.uuid FROM processes_instance i JOIN processes_workitem w ON w.instance_id = i.id AND w.state = 'OPEN'
WHERE i.case_uuid = %s AND w.step = %s AND i.process_key = COALESCE(%s, i.process_key) ORDER BY w.id
"""


_SIGNED = """
SELECT DISTINCT s.signed_by FROM processes_instance i
JOIN processes_workitem w ON w.instance_id = i.id JOIN processes_signoff s ON s.item_id = w.id
WHERE i.case_uuid = %s AND w.organisation_id = %s AND s.state = 'SIGNED' AND s.signed_by IS NOT NULL ORDER BY 1
"""


def signers_of_case(case_uuid: UUID, organisation_id: int) -> list[int]:
    """Return the persons who signed any step of a case for an organisation, also where it was reopened later."""
    return [person for (person,) in sql.rows(_SIGNED, [case_uuid, organisation_id])]


def running_of_case(case_uuid: UUID, process_key: str) -> list[UUID]:
    """Return the processes of this kind that are not over for a case."""
    alive = [InstanceState.ACTIVE, InstanceState.SUSPENDED]
    rows = Instance.objects.filter(case_uuid=case_uuid, process_key=process_key, state__in=alive)
    return list(rows.order_by("pk").values_list("uuid", flat=True))


def find_open_item(case_uuid: UUID, step: str, process_key: str | None = None) -> UUID | None:
    """Return the open item of a step of a case, None where the case is not at that step.

    With ``process_key`` only in processes of this kind.
    """
    found = sql.rows(_OPEN_ITEMS, [case_uuid, step, process_key])
    return found[-1][0] if found else None


def open_item_of(case_uuid: UUID, step: str) -> UUID:
    """Return the open item of a step of a case. Raises NotFound where the case is not at that step."""
    found = find_open_item(case_uuid, step)
    if found is None:
        raise NotFound("该案件当前不在此步骤")
    return found
