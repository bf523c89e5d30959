"""Finding a person who asks for help by what reaches them: exactly, by blind index (clause D2)."""

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q

from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.parties import policies
from finmart.centres.technical.parties.models import Person
from finmart.centres.technical.parties.types import PartiesAct, PersonFound
from finmart.kit import crypto, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, Refusal

MOST_SHOWN = 20


def find_persons(actor: Actor, text: str) -> list[PersonFound]:
    """Return whom exactly this telephone number or e-mail address reaches.

    The trail keeps that was asked and how many were found, never for what. Raises AccessDenied for all but the
    operator; Refusal for nothing.
    """
    transactions.require()
    if not policies.can_look_up_persons(actor):
        raise AccessDenied("您无权按联系方式查找人员")
    if not text.strip():
        raise Refusal("请填写手机号码或电子邮箱", field="reached_by", remedy="须与登记的完全一致，不能只填一部分")
    rows = Person.objects.filter(
        Q(phone_index__in=crypto.digests(Person, "phone_index", text))
        | Q(email_index__in=crypto.digests(Person, "email_index", text))
    ).annotate(
        organisations=ArrayAgg(
            "memberships__organisation__name", filter=Q(memberships__valid_to=None), distinct=True, default=[]
        )
    )
    found = [
        PersonFound(row.pk, row.full_name, row.username, row.is_active, tuple(one for one in row.organisations if one))
        for row in rows.order_by("pk")[:MOST_SHOWN]
    ]
    audit_operations.record(actor, PartiesAct.PERSON_FIND, "", found=[one.id for one in found])
    return found
