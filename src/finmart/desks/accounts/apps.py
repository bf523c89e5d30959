from django.apps import AppConfig


class Accounts(AppConfig):
    name = "finmart.desks.accounts"
    label = "accounts_desk"

    def ready(self) -> None:
        from finmart.centres.technical.parties import queries  # noqa: PLC0415 - models must be loaded
        from finmart.kit.actor import Actor  # noqa: PLC0415
        from finmart.ui import navigation as nav  # noqa: PLC0415

        def member(actor: Actor) -> bool:
            return actor.organisation_id is not None

        def decides(actor: Actor) -> bool:
            return actor.organisation_id is not None and actor.organisation_kind != "ENTERPRISE"

        def person(actor: Actor) -> bool:
            return not actor.is_visitor

        account = nav.Place.ACCOUNT
        nav.register(
            nav.Entry("accounts.choose", "切换机构", "accounts:choose", person, "switch", 10, place=account),
            nav.Entry("accounts.mandates", "授权与代理", "accounts:mandates", member, "key", 20, place=account),
            nav.Entry(
                "accounts.members", "人员管理", "accounts:members", queries.can_manage_members, "users", 30,
                place=account,
            ),
            nav.Entry(
                "accounts.conflicts", "利害关系与回避", "accounts:conflicts", decides, "shield", 35, place=account
            ),
            nav.Entry("accounts.own", "我的信息", "accounts:own", person, "user", 35, place=account),
            nav.Entry("accounts.security", "账户与安全", "accounts:security", person, "lock", 40, place=account),
        )  # fmt: skip
