from django.apps import AppConfig

from finmart.kit.actor import Actor
from finmart.ui import navigation as nav


def is_signed_in(actor: Actor) -> bool:
    return actor.person_id is not None


class RightsDesk(AppConfig):
    """What everybody may ask about his own data, and who speaks for a firm about the firm's."""

    name = "finmart.desks.rights"
    label = "rights_desk"

    def ready(self) -> None:
        nav.register(
            nav.Entry(
                "rights.own", "我的数据权利", "rights:own", visible=is_signed_in, icon="user", order=70,
                place=nav.Place.ACCOUNT,
            )
        )  # fmt: skip
