"""Values that sing when they are seen: one for every identifier and every field of words, and who may hear it.

Names, mail addresses, telephone numbers and accounts go in where people register and pay, so that whatever is made of
them later (timeline, notices, papers, trail) carries them too. Fields of words get theirs added to what stands there.
Who may see a canary is asked of the masking centre's policy, never decided here.
"""

from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from itertools import count, product
from unittest import mock

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models
from psycopg.errors import CheckViolation

from finmart.centres.business.cases.models import Party
from finmart.centres.data.consents.models import Consent
from finmart.centres.data.profiles import operations as profiles_operations
from finmart.centres.data.profiles.operations.storing import FactRow, store_facts
from finmart.centres.data.profiles.types import FACT_TYPES, FactKind
from finmart.centres.technical.masking import policies, rules
from finmart.centres.technical.masking.types import Audience, Viewer
from finmart.centres.technical.parties import operations as parties_operations
from finmart.centres.technical.parties.models import Membership, Organisation, Person
from finmart.centres.technical.parties.types import OrganisationKind
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.crypto import EncryptedText
from finmart.kit.grades import Shape, grading_of
from finmart.kit.masks import Sight
from finmart.twin import loans

SIGNS = "松柏梅兰竹菊荷桂枫桐楠榆槐杉樟桃"
PAYEE = {"payee_name": "甄竹竹竹", "payee_account": "62170000000000987654", "payee_bank": "示例运河银行"}
_numbers = count(1)
_names = ("".join(signs) for signs in product(SIGNS, repeat=3))
SENSITIVE = 3
SYSTEM = Actor.of_system("aviary")
SOURCE = "金丝雀"
OWN_STAFF = frozenset({Viewer.SELF, Viewer.COLLEAGUE})
NOBODY = Audience((), frozenset())  # until somebody says in masking/rules.py whose eyes a field of words is for
CASE_PATHS = (
    "case_id", "case_uuid", "need__case_id", "application__case_id", "instance__case_uuid", "item__instance__case_uuid",
    "disbursement__case_uuid", "loan__case_uuid",
)  # fmt: skip


@dataclass(frozen=True)
class Canary:
    """``token`` is what must not be read; whose it is decides who reads it."""

    token: str
    shape: Shape
    field: str
    person_ids: tuple[int, ...] = ()
    organisation_ids: tuple[int, ...] = ()
    partner_ids: tuple[int, ...] = ()
    audience: frozenset[Viewer] | None = None

    def may_be_seen_by(self, actor):
        """Ask the policy, for every side the value belongs to."""
        sides = [{"organisation_id": one, "is_of_operator": one in operators()} for one in self.organisation_ids]
        sides += [{"person_id": one} for one in self.person_ids]
        partner = actor.organisation_id is not None and actor.organisation_id in self.partner_ids
        for side in sides or [{}]:
            viewer = policies.viewer_of(actor, is_partner=partner, **side)
            if self.audience is not None and viewer in self.audience:
                return True
            if self.audience is None and rules.sight_of(self.shape, viewer) is Sight.FULL:
                return True
        return False


@contextmanager
def registering():
    """Have everybody who registers inside carry canaries, and every loan be paid to one."""
    register, born = parties_operations.register_person, []

    def sung(actor, *, full_name, **words):
        name = next(_names)
        person = register(
            actor, full_name=f"{full_name[0]}{name}", **{**words, "email": f"c{next(_numbers):06d}@canary.example"}
        )
        born.append((person.id, name))
        return person

    with mock.patch.object(parties_operations, "register_person", sung), mock.patch.dict(loans.PAYEE, PAYEE):
        yield born


def sown(born):
    """Add telephone numbers and addresses to a world that stands; return the canaries of people and organisations."""
    return [*_people(born), *_organisations(), *_accounts()]


def operators():
    return {one.pk for one in Organisation.objects.filter(kind=OrganisationKind.OPERATOR)}


def _people(born):
    for person_id, name in born:
        phone = f"139{next(_numbers):04d}{person_id:04d}"
        person = Person.objects.get(pk=person_id)
        person.phone = phone
        person.save(update_fields=["phone"])
        of = tuple(Membership.objects.filter(person=person).values_list("organisation_id", flat=True))
        partners = _partners(of)
        for shape, token, field in (
            (Shape.NAME, name, "full_name"), (Shape.EMAIL, person.email, "email"), (Shape.PHONE, phone, "phone"),
        ):  # fmt: skip
            yield Canary(token, shape, f"parties.Person.{field}", (person_id,), of, partners)


def _organisations():
    for organisation in Organisation.objects.all():
        token = f"枫林巷{next(_numbers):05d}号"
        organisation.address = f"江苏省苏州市虎丘区{token}"
        organisation.save(update_fields=["address"])
        own = (organisation.pk,)
        yield Canary(token, Shape.ADDRESS, "parties.Organisation.address", (), own, _partners(own))


def _accounts():
    """The payee is somebody in no relation to who reads: the account is masked for all, the name for strangers."""
    orders = Party.objects.values_list("organisation_id", flat=True)
    yield Canary(PAYEE["payee_account"], Shape.ACCOUNT, "funds.Payee.account_number")
    yield Canary(PAYEE["payee_name"][1:], Shape.NAME, "funds.Payee.name", (), (), tuple(orders))


def numbers(organisation_id):
    """Have every graded number, share and series of a firm sing, in the writing of pages and as it is stored.

    Its own staff hears it, and who holds its consent for that very fact.
    """
    today, rows = clock.today(), []
    for kind in FACT_TYPES.values():
        if kind.kind not in _WRITTEN or kind.grade < SENSITIVE:
            continue
        stored, content, tokens = _WRITTEN[kind.kind](kind.unit, 7_300_000 + next(_numbers))
        if kind.is_recordable:
            profiles_operations.record_fact(SYSTEM, organisation_id, kind.code, stored, as_of_on=today, source=SOURCE)
        else:  # what is computed comes from nobody; here it comes as the job of computing would store it
            rows.append(FactRow(organisation_id, kind.code, today, stored, content, SOURCE, kind.grade))
        given = Consent.objects.filter(grantor=organisation_id, fact_types__contains=[kind.code])
        own = (organisation_id, *given.values_list("recipient_id", flat=True))
        for token in tokens:
            yield Canary(token, Shape.WORDS, f"profiles.Fact.{kind.code}", (), own, (), OWN_STAFF)
    store_facts(rows, clock.now())


def _integer(unit, sung):
    stored = sung * FEN if unit == "元" else sung
    return stored, None, (f"{sung:,}", str(sung))


def _share(unit, sung):
    told = Decimal(f"{sung}.37")
    return told / 100 if unit == "%" else told, None, (f"{told:,}", str(told / 100 if unit == "%" else told))


def _series(_, sung):
    return None, [["2026-09", sung * FEN], ["2026-10", sung * FEN]], (f"{sung:,}", str(sung))


FEN = 10**10  # pages tell amounts in 亿元 of so many fen
_WRITTEN = {FactKind.INTEGER: _integer, FactKind.DECIMAL: _share, FactKind.SERIES: _series}


def _partners(organisation_ids):
    """Return who takes part in a case these organisations take part in."""
    cases = Party.objects.filter(organisation__in=organisation_ids).values("case")
    return tuple(
        Party.objects.filter(case__in=cases, left_at=None).values_list("organisation_id", flat=True).distinct()
    )


def word_fields():
    """Yield (model, field) for every text of our models that holds what people write."""
    for model in apps.get_models():
        if not model.__module__.startswith("finmart."):
            continue
        for field in model._meta.concrete_fields:
            text = field.base_field if isinstance(field, ArrayField) else field
            is_text = isinstance(text, models.CharField | models.TextField) and field.choices is None
            if isinstance(field, EncryptedText):
                continue  # sealed with its row; what it holds is sown where it is written
            if is_text and field.name != "username" and grading_of(model, field.name).shape is Shape.WORDS:
                yield model, field


def words(owner_session):
    """Add a canary to every text somebody wrote, also where rows may only be added; return the canaries."""
    owner_session.execute("SET session_replication_role = replica")  # no trigger: append-only tables refuse everybody
    sung = [_sung(owner_session, row, model, field) for model, field in word_fields() for row in model.objects.all()]
    return [canary for canary in sung if canary]


def _sung(owner_session, row, model, field):
    token, value = f"鸟鸣{next(_numbers):06d}", getattr(row, field.attname)
    longest = (field.max_length or 9_999) - 9
    value = [*value, token] if isinstance(value, list) else f"{value[:longest]} {token}"
    statement = f'UPDATE "{model._meta.db_table}" SET "{field.column}" = %s WHERE "{model._meta.pk.column}" = %s'
    try:
        owner_session.execute(statement, [value, row.pk])
    except CheckViolation:  # a row in this state may hold no words here
        return None
    return _of_words(row, f"{model._meta.label}.{field.name}", token)


def _of_words(row, label, token):
    audience = rules.AUDIENCES.get(label, NOBODY)
    found = {way: [*_ends(row, way.split("__"))] for way in audience.of}
    people = [one for way, ids in found.items() if way.endswith(("person_id", "made_by_id")) for one in ids]
    sides = [one for way, ids in found.items() if not way.endswith(("person_id", "made_by_id")) for one in ids]
    if not people and not sides:
        partners = _sides_of_case(row)
        return Canary(token, Shape.WORDS, label, (), partners[:1], partners, audience.to_all or audience.viewers)
    return Canary(token, Shape.WORDS, label, tuple(people), tuple(sides), _sides_of_case(row), audience.viewers)


def _sides_of_case(row):
    for way in CASE_PATHS:
        for found in _ends(row, way.split("__")):
            known = {"case_id": found} if isinstance(found, int) else {"case__uuid": found}
            return tuple(Party.objects.filter(left_at=None, **known).values_list("organisation_id", flat=True))
    return ()


def _ends(row, way):
    """Yield what stands at the end of a way from a row to others, which may fork."""
    if not way:
        yield row
        return
    found = getattr(row, way[0], None)
    for one in found.all() if hasattr(found, "all") else [found]:
        if one is not None:
            yield from _ends(one, way[1:])


IDENTIFIERS = frozenset(Shape) - {Shape.WORDS}


def dumped(owner_session, every, *shapes):
    """Return (table, column, shape) of every value that stands readable in a plain dump, of identifiers by default."""
    wanted = set(shapes) or IDENTIFIERS
    columns = owner_session.execute(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        " AND data_type IN ('text', 'character varying', 'jsonb', 'json', 'ARRAY', 'bytea')"
    ).fetchall()
    return {
        (table, column, str(one.shape))
        for table, column in columns
        for text in [_copied(owner_session, table, column)]
        for one in every
        if one.shape in wanted and one.token in text
    }


def _copied(owner_session, table, column):
    with owner_session.cursor().copy(f'COPY (SELECT "{column}"::text FROM "{table}") TO STDOUT') as lines:
        return b"".join(lines).decode()


def whole_dump(session):
    """Return table → its rows as this session's role may copy them out, as a dump does."""
    tables = session.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return {table: _rows_of(session, table) for (table,) in sorted(tables)}


def _rows_of(session, table):
    with session.cursor().copy(f'COPY "{table}" TO STDOUT') as lines:
        return b"".join(lines).decode()
