from django.apps import AppConfig


class Visitor(AppConfig):
    name = "finmart.portals.visitor"
    label = "visitor"

    def ready(self) -> None:
        from finmart.kit.actor import Actor  # noqa: PLC0415 - registered when everything is loaded
        from finmart.ui import navigation as nav  # noqa: PLC0415

        def visitor(actor: Actor) -> bool:
            return actor.is_visitor

        def member(actor: Actor) -> bool:
            return not actor.is_visitor

        nav.register(
            nav.Entry("visitor.front", "首页", "visitor:front", visitor, "home", 1, on_phone=True),
            nav.Entry("visitor.products", "产品超市", "visitor:products", member, "store", 90, "公开服务"),
            nav.Entry("visitor.market", "产品超市", "visitor:products", visitor, "store", 2, on_phone=True),
        )
