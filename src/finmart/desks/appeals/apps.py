from django.apps import AppConfig

from finmart.kit.actor import Actor
from finmart.ui import navigation as nav

PARTIES = frozenset({"ENTERPRISE", "BANK", "INSURER", "GUARANTOR"})


def takes_part(actor: Actor) -> bool:
    is_operator = actor.organisation_kind == "OPERATOR" and actor.has_role("OPERATOR", "OPERATOR_ADMINISTRATOR")
    return is_operator or actor.organisation_kind in PARTIES


class AppealsDesk(AppConfig):
    """Appeals against decisions of the platform, as both sides see them."""

    name = "finmart.desks.appeals"
    label = "appeals_desk"

    def ready(self) -> None:
        nav.register(
            nav.Entry(
                "appeals.list", "申诉", "appeals:list", visible=takes_part, icon="message", order=60, group="公平",
            )
        )  # fmt: skip
