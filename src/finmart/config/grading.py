"""What is graded without being a field of ours: the kinds of fact, and the tables our libraries bring (clause D2)."""

from collections.abc import Iterable

from django.apps import apps

from finmart.centres.data.profiles.types import FACT_TYPES
from finmart.kit import grades
from finmart.kit.grades import GRADES, CatalogueRow, Grading, of_grade

# A table of a library is graded as a whole, by the most sensitive thing in it.
TABLES: dict[str, tuple[str, Grading]] = {
    "account_emailaddress": ("登录邮箱（不使用）", grades.EMAIL),
    "account_emailconfirmation": ("邮箱确认（不使用）", grades.SECRET),
    "auth_group": ("权限组（不使用）", of_grade(2)),
    "auth_group_permissions": ("权限组的权限（不使用）", of_grade(2)),
    "auth_permission": ("框架权限（不使用）", of_grade(2)),
    "axes_accessattempt": ("失败的登录", grades.WORDS),
    "axes_accessattemptexpiration": ("登录锁定", of_grade(2)),
    "axes_accessfailurelog": ("登录失败记录", grades.WORDS),
    "axes_accesslog": ("登录记录", grades.WORDS),
    "django_content_type": ("模型目录", of_grade(1)),
    "django_session": ("会话", grades.SECRET),
    "mfa_authenticator": ("动态验证码密钥", grades.KEY),
    "procrastinate_events": ("后台任务事件", of_grade(2)),
    "procrastinate_jobs": ("后台任务", of_grade(2)),
    "procrastinate_periodic_defers": ("定时任务", of_grade(2)),
    "procrastinate_workers": ("后台进程", of_grade(2)),
}


def rows() -> Iterable[CatalogueRow]:
    """Yield a row for every kind of fact and every table of a library."""
    for fact in FACT_TYPES.values():
        if fact.grade in GRADES:
            yield CatalogueRow("fact_types", f"企业事实 · {fact.label}", fact.code, of_grade(fact.grade))
    for table, (title, grading) in TABLES.items():
        yield CatalogueRow(table, title, "*", grading)


def faults() -> list[str]:
    """Return what carries no grade: fields of ours, kinds of fact, tables of libraries; each with what to write."""
    root = __package__.split(".", maxsplit=1)[0]
    brought = [one for one in apps.get_models(include_auto_created=True) if one.__module__.split(".")[0] != root]
    ungraded = {one._meta.db_table for one in brought} - set(TABLES)  # noqa: SLF001 - Django's documented way
    return [
        *grades.faults(),
        *(
            f"企业事实 {fact.code} 没有级别：请在 profiles/types/fact_types.py 中写 grade=1 至 5"
            for fact in FACT_TYPES.values()
            if fact.grade not in GRADES
        ),
        *(f"表 {table} 没有分级：请写进 finmart/config/grading.py 的 TABLES" for table in sorted(ungraded)),
    ]
