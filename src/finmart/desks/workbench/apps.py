from django.apps import AppConfig

from finmart.kit.actor import Actor
from finmart.ui import navigation as nav

WORKING_KINDS = frozenset({"ENTERPRISE", "BANK", "INSURER", "GUARANTOR"})


OVERSEERS = frozenset({"REGULATOR", "DEPARTMENT"})


def works_here(actor: Actor) -> bool:
    return actor.organisation_kind in WORKING_KINDS


def has_items(actor: Actor) -> bool:
    """Is the actor one whom processes give something to do? Overseers too, in an emergency."""
    return works_here(actor) or actor.organisation_kind in OVERSEERS


class WorkbenchDesk(AppConfig):
    name = "finmart.desks.workbench"
    label = "workbench_desk"

    def ready(self) -> None:
        from finmart.centres.technical.processes import queries  # noqa: PLC0415 - models are loaded by now

        nav.register_home("企业端", "workbench:home", lambda actor: actor.organisation_kind == "ENTERPRISE")
        nav.register_home("机构端", "workbench:home", works_here)
        nav.register(
            nav.Entry(
                "workbench.home", "工作台", "workbench:home", visible=works_here, icon="home", order=5, on_phone=True
            ),
            nav.Entry(
                "workbench.todo", "待办事项", "workbench:todo", visible=has_items, icon="inbox", order=6,
                on_phone=True, count=queries.count_open_items_for,
            ),
        )  # fmt: skip
