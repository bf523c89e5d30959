from django.apps import AppConfig


class DocumentsDesk(AppConfig):
    name = "finmart.desks.documents"
    label = "documents_desk"

    def ready(self) -> None:
        from finmart.ui import navigation as nav  # noqa: PLC0415 - the registry is ready only now

        nav.register(
            nav.Entry(
                "documents.own", "文件", "documents:own", lambda actor: actor.organisation_id is not None,
                icon="document", order=85, group="办理",
            )
        )  # fmt: skip
