"""Plans come from a city's pack; a changed word makes a new version, or a revision where people wrote their own."""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any

from finmart.centres.governance.emergencies import policies
from finmart.centres.governance.emergencies.events import RevisionProposed
from finmart.centres.governance.emergencies.models import PlanVersion, Revision
from finmart.centres.governance.emergencies.rules import plans
from finmart.centres.governance.emergencies.types import EmergenciesAct, RevisionState
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import clock, events, transactions
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
        known = newest.get(body["code"])
        if known is not None and (known.sha256 == digest(body) or known.revision_id is not None):
            added += _suggest(actor, known, body)
            continue
        version = known.version + 1 if known else 1
        plans.read(body, version=version, adopted_on=clock.today())
        PlanVersion.objects.create(
            code=body["code"], version=version, body=body, sha256=digest(body), adopted_at=clock.now()
        )  # fmt: skip
        added += 1
    if added:
        audit_operations.record(actor, EmergenciesAct.PLANS_ADOPT, f"pack:{city}", added=added)
    return added


def _suggest(actor: Actor, known: PlanVersion, body: dict[str, Any]) -> int:
    """Where people have words of their own in force, the pack's new words only wait to be adopted; once."""
    summed = digest(body)
    seen = PlanVersion.objects.filter(code=known.code, sha256=summed).exists()
    if known.revision_id is None or seen or Revision.objects.filter(code=known.code, sha256=summed).exists():
        return 0
    if Revision.objects.filter(code=known.code, state=RevisionState.WAITING).exists():
        return 0  # the next upgrade asks again
    proposed = plans.read(body, version=known.version + 1, adopted_on=clock.today())
    row = Revision.objects.create(
        code=known.code, base_version=known.version, body=body, sha256=summed, valid_from=clock.today(),
        reason="城市配置包中的预案有更新", made_at=clock.now(),
    )  # fmt: skip
    audit_operations.record(actor, EmergenciesAct.REVISION_PROPOSE, f"revision:{row.uuid}", plan=known.code)
    events.publish(RevisionProposed(row.uuid, proposed.title, "城市配置包"))
    return 1


def digest(body: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a plan's words. For this centre."""
    return hashlib.sha256(json.dumps(body, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
