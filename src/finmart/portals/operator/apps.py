from django.apps import AppConfig

from finmart.kit.actor import Actor
from finmart.ui import navigation as nav


def is_operator(actor: Actor) -> bool:
    return actor.organisation_kind == "OPERATOR" and actor.has_role("OPERATOR", "OPERATOR_ADMINISTRATOR")


ENTRIES = (
    nav.Entry(
        "operator.home", "运营总览", "operator:home",
        visible=is_operator, icon="chart", order=5, on_phone=True,
    ),
    nav.Entry(
        "operator.analysis", "数据分析", "operator:analysis",
        visible=is_operator, icon="chart", order=39, group="数据",
    ),
    nav.Entry(
        "operator.products", "产品复核", "operator:products",
        visible=is_operator, icon="package", order=40, group="产品",
    ),
    nav.Entry(
        "operator.matching", "匹配质量", "operator:matching",
        visible=is_operator, icon="target", order=41, group="产品",
    ),
    nav.Entry(
        "operator.warnings", "风险预警", "operator:warnings",
        visible=is_operator, icon="bell", order=49, group="风险",
    ),
    nav.Entry(
        "operator.emergencies", "应急处置", "operator:emergencies",
        visible=is_operator, icon="shield", order=51, group="风险",
    ),
    nav.Entry(
        "operator.stress", "压力推演", "operator:stress",
        visible=is_operator, icon="warning", order=50, group="风险",
    ),
    nav.Entry(
        "operator.feeds", "数据来源", "operator:feeds",
        visible=is_operator, icon="download", order=58, group="数据",
    ),
    nav.Entry(
        "operator.demands", "数据需求", "operator:demands",
        visible=is_operator, icon="send", order=59, group="数据",
    ),
    nav.Entry(
        "operator.quality", "数据质量", "operator:quality",
        visible=is_operator, icon="check", order=60, group="数据",
    ),
    nav.Entry(
        "operator.desensitised", "脱敏存储", "operator:desensitised",
        visible=is_operator, icon="shield", order=61, group="数据",
    ),
    nav.Entry(
        "operator.rights", "数据权利申请", "operator:rights",
        visible=is_operator, icon="user", order=44, group="企业数据",
    ),
    nav.Entry(
        "operator.purposes", "数据用途", "operator:purposes",
        visible=is_operator, icon="shield", order=43, group="企业数据",
    ),
    nav.Entry(
        "operator.held", "暂存待核", "operator:held",
        visible=is_operator, icon="inbox", order=63, group="数据",
    ),
    nav.Entry(
        "operator.disputes", "数据异议", "operator:disputes",
        visible=is_operator, icon="message", order=64, group="数据",
    ),
    nav.Entry(
        "operator.people", "查找人员", "operator:people",
        visible=is_operator, icon="search", order=79, group="平台",
    ),
    nav.Entry(
        "operator.parameters", "平台参数", "operator:parameters",
        visible=is_operator, icon="settings", order=80, group="平台",
    ),
    nav.Entry(
        "operator.calendar", "工作日历", "operator:calendar",
        visible=is_operator, icon="calendar", order=81, group="平台",
    ),
    nav.Entry(
        "operator.grades", "数据分级", "operator:grades",
        visible=is_operator, icon="shield", order=82, group="平台",
    ),
)  # fmt: skip


class Operator(AppConfig):
    name = "finmart.portals.operator"
    label = "operator"

    def ready(self) -> None:
        nav.register_home("运营端", "operator:home", is_operator)
        nav.register(*ENTRIES)
