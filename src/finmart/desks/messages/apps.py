from django.apps import AppConfig

from finmart.kit.actor import Actor
from finmart.ui import navigation as nav


def is_person(actor: Actor) -> bool:
    return actor.person_id is not None


class MessagesDesk(AppConfig):
    name = "finmart.desks.messages"
    label = "messages_desk"

    def ready(self) -> None:
        from finmart.centres.technical.notices import queries  # noqa: PLC0415 - needs loaded models

        nav.register(
            nav.Entry(
                "messages", "消息", "notices:own",
                visible=is_person, icon="bell", order=90, place=nav.Place.TOOL, on_phone=True,
                count=queries.unread_count_for,
            ),
        )  # fmt: skip
