"""Doing what was granted."""

from typing import Any

from finmart.centres.data.profiles import operations as profiles_operations
from finmart.centres.data.sources import operations as sources_operations
from finmart.centres.governance.rights.models import DataRequest
from finmart.centres.governance.rights.rules.held import STAYS
from finmart.centres.governance.rights.types import ContactField, RequestKind
from finmart.centres.technical.notices import operations as notices_operations
from finmart.centres.technical.parties import operations as parties_operations
from finmart.kit.actor import Actor

PLATFORM = Actor.of_system("数据权利")


def carry_out(row: DataRequest) -> dict[str, Any]:
    """Correct or delete what a granted request is about and return what was done, for the answer."""
    if row.kind == RequestKind.CORRECTION:
        return _correct(row)
    if row.kind == RequestKind.DELETION:
        return {"删除": _delete(row), "保留": [[one.label, one.reason] for one in STAYS]}
    return {}


def _correct(row: DataRequest) -> dict[str, Any]:
    if row.field == ContactField.OTHER:
        return {"更正": "由办理人员按说明处理"}
    if row.field == ContactField.ADDRESS and row.organisation_id is not None:
        parties_operations.correct_address(PLATFORM, row.organisation_id, row.value)
    elif row.field == ContactField.EMAIL:
        parties_operations.correct_contact(PLATFORM, row.person_id, email=row.value)
    else:
        parties_operations.correct_contact(PLATFORM, row.person_id, phone=row.value)
    return {"更正": ContactField(row.field).label}


def _delete(row: DataRequest) -> dict[str, int]:
    if row.organisation_id is not None:
        return {
            **profiles_operations.erase(PLATFORM, row.organisation_id, because=f"data_request:{row.uuid}"),
            "发票": sources_operations.erase_invoices(PLATFORM, row.organisation_id),
        }
    gone = notices_operations.erase_of(PLATFORM, row.person_id)
    parties_operations.correct_contact(PLATFORM, row.person_id, email="", phone="")
    return {"消息": gone, "联系方式": 1}
