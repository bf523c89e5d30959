from django.apps import AppConfig

from finmart.kit.actor import Actor
from finmart.ui import navigation as nav


def is_enterprise(actor: Actor) -> bool:
    return actor.organisation_kind == "ENTERPRISE"


class Enterprise(AppConfig):
    name = "finmart.portals.enterprise"
    label = "enterprise"

    def ready(self) -> None:
        nav.register(
            nav.Entry(
                "enterprise.needs", "融资需求", "enterprise:needs",
                visible=is_enterprise, icon="target", order=20, group="融资", on_phone=True,
            ),
            nav.Entry(
                "enterprise.loans", "我的贷款", "enterprise:loans",
                visible=is_enterprise, icon="coins", order=30, group="融资", on_phone=True,
            ),
            nav.Entry(
                "enterprise.consents", "数据授权", "enterprise:consents",
                visible=is_enterprise, icon="shield", order=40, group="企业数据",
            ),
            nav.Entry(
                "enterprise.profile", "企业画像", "enterprise:profile",
                visible=is_enterprise, icon="chart", order=41, group="企业数据",
            ),
        )  # fmt: skip
