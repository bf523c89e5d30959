from django.apps import AppConfig

from finmart.kit.actor import Actor
from finmart.ui import navigation as nav

OVERSEERS = frozenset({"REGULATOR", "DEPARTMENT"})


def looks_on(actor: Actor) -> bool:
    return actor.organisation_kind in OVERSEERS


class Regulator(AppConfig):
    name = "finmart.portals.regulator"
    label = "regulator"

    def ready(self) -> None:
        nav.register_home("监管端", "regulator:home", looks_on)
        nav.register(
            nav.Entry(
                "regulator.home", "风险监测", "regulator:home", visible=looks_on, icon="chart", order=5, on_phone=True
            ),
        )
