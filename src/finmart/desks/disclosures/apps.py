from django.apps import AppConfig

from finmart.kit.actor import Actor
from finmart.ui import navigation as nav

READERS = frozenset({"ENTERPRISE", "BANK", "INSURER", "GUARANTOR", "FUND", "DEPARTMENT"})


def reads_ledger(actor: Actor) -> bool:
    is_operator = actor.organisation_kind == "OPERATOR" and actor.has_role("OPERATOR", "OPERATOR_ADMINISTRATOR")
    return is_operator or actor.organisation_kind in READERS


class DisclosuresDesk(AppConfig):
    """The ledger of who saw which firm's facts: a firm's own part, an institution's own requests, all for operators."""

    name = "finmart.desks.disclosures"
    label = "disclosures_desk"

    def ready(self) -> None:
        nav.register(
            nav.Entry(
                "disclosures.ledger", "数据查询记录", "disclosures:ledger",
                visible=reads_ledger, icon="history", order=42, group="企业数据",
            )
        )  # fmt: skip
