from django.apps import AppConfig

from finmart.kit.actor import Actor
from finmart.ui import navigation as nav

INSTITUTION_KINDS = frozenset({"BANK", "INSURER", "GUARANTOR"})


def is_institution(actor: Actor) -> bool:
    return actor.organisation_kind in INSTITUTION_KINDS


def keeps_products(actor: Actor) -> bool:
    return is_institution(actor) and actor.has_role("INSTITUTION_ADMINISTRATOR")


class Institution(AppConfig):
    name = "finmart.portals.institution"
    label = "institution"

    def ready(self) -> None:
        nav.register(
            nav.Entry(
                "institution.products", "产品管理", "institution:products",
                visible=is_institution, icon="package", order=40, group="产品",
            ),
            nav.Entry(
                "institution.borrowers", "借款企业预警", "institution:borrowers",
                visible=is_institution, icon="bell", order=50, group="贷后",
            ),
            nav.Entry(
                "institution.copies", "留存的企业数据", "institution:copies",
                visible=is_institution, icon="archive", order=60, group="企业数据",
            ),
        )  # fmt: skip
