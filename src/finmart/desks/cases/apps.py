from django.apps import AppConfig

from finmart.kit.actor import Actor
from finmart.ui import navigation as nav


def is_member(actor: Actor) -> bool:
    return not actor.is_visitor


class CasesDesk(AppConfig):
    name = "finmart.desks.cases"
    label = "cases_desk"

    def ready(self) -> None:
        nav.register(
            nav.Entry(
                "cases", "案件", "cases:list", visible=is_member, icon="archive", order=30, group="办理", on_phone=True
            )
        )
