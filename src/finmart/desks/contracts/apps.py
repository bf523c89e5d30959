from django.apps import AppConfig


class ContractsDesk(AppConfig):
    name = "finmart.desks.contracts"
    label = "contracts_desk"

    def ready(self) -> None:
        from finmart.centres.business.instruments import queries  # noqa: PLC0415 - models must be loaded
        from finmart.centres.technical.parties.types import INSTITUTION_KINDS, OrganisationKind  # noqa: PLC0415
        from finmart.kit.actor import Actor  # noqa: PLC0415
        from finmart.ui import navigation as nav  # noqa: PLC0415

        def may_have_contracts(actor: Actor) -> bool:
            is_side = actor.organisation_kind in {OrganisationKind.ENTERPRISE, *INSTITUTION_KINDS}
            return actor.person_id is not None and (is_side or actor.organisation_id is None)

        nav.register(
            nav.Entry(
                "contracts.list", "合同", "contracts:list", may_have_contracts,
                icon="handshake", order=80, group="办理", count=queries.count_awaiting,
            )
        )  # fmt: skip
