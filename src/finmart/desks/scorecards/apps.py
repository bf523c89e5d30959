from django.apps import AppConfig

from finmart.kit.actor import Actor
from finmart.ui import navigation as nav

READERS = frozenset({"BANK", "INSURER", "GUARANTOR"})


def reads_cards(actor: Actor) -> bool:
    is_operator = actor.organisation_kind == "OPERATOR" and actor.has_role("OPERATOR", "OPERATOR_ADMINISTRATOR")
    return is_operator or actor.organisation_kind in READERS


class ScorecardsDesk(AppConfig):
    """Risk models as people read them: the operator approves and changes, institutions read what is in force."""

    name = "finmart.desks.scorecards"
    label = "scorecards_desk"

    def ready(self) -> None:
        nav.register(
            nav.Entry(
                "scorecards.list",
                "风险模型",
                "scorecards:list",
                visible=reads_cards,
                icon="chart",
                order=51,
                group="风险",
            )
        )
