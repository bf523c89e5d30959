"""Plans come from a city's pack; a changed word makes a new version."""

import hashlib
import json
import tomllib
from importlib import resources

from finmart.centres.governance.emergencies import policies
from finmart.centres.governance.emergencies.models import PlanVersion
from finmart.centres.governance.emergencies.rules import plans
from finmart.centres.governance.emergencies.types import EmergenciesAct
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

SHARED = ("levels", "source", "example")


def adopt_plans(actor: Actor, city: str) -> int:
    """Bring in the plans of ``packs/<city>/emergency.toml``; return how many versions are new.

    Asked again it changes nothing. Raises AccessDenied for people, NotFound without the file, ValueError for a plan
    that cannot be read.
    """
    transactions.require()
    if not policies.can_watch(actor):
        raise AccessDenied("应急预案只由平台在升级时装载")
    file = resources.files("finmart") / "packs" / city / "emergency.toml"
    if not city.isidentifier() or not file.is_file():
        raise NotFound(f"没有城市配置包“{city[:40]}”的 emergency.toml", remedy="请检查 FINMART_CITY")
    pack = tomllib.loads(file.read_text(encoding="utf-8"))
    newest = {row.code: row for row in PlanVersion.objects.order_by("code", "version")}
    added = 0
    for written in pack["plans"]:
        body = {**{key: pack[key] for key in SHARED}, **written}
        summed = hashlib.sha256(json.dumps(body, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
        known = newest.get(body["code"])
        if known is not None and known.sha256 == summed:
            continue
        version = known.version + 1 if known else 1
        plans.read(body, version=version, adopted_on=clock.today())
        PlanVersion.objects.create(
            code=body["code"], version=version, body=body, sha256=summed, adopted_at=clock.now()
        )  # fmt: skip
        added += 1
    if added:
        audit_operations.record(actor, EmergenciesAct.PLANS_ADOPT, f"pack:{city}", added=added)
    return added
