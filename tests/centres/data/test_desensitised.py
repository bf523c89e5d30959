"""The desensitised store: nothing that names a firm, no small group, and one recorded way back."""

from datetime import timedelta

import polars as pl
import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from factories import parties
from factories.sources import invoice_file, sale
from finmart.centres.data.desensitised import operations, queries, tasks
from finmart.centres.data.desensitised.models import Build, FirmDay
from finmart.centres.data.desensitised.rules import anonymity, coarsening
from finmart.centres.data.desensitised.types import SMALLEST_GROUP, UnableToReidentify
from finmart.centres.data.profiles import operations as profiles_operations
from finmart.centres.data.profiles import queries as profiles_queries
from finmart.centres.data.risk.operations.grouping import groups_of
from finmart.centres.data.sources import operations as sources_operations
from finmart.centres.technical.audit.models import Entry
from finmart.centres.technical.parties.types import Role
from finmart.kit import clock, transactions
from finmart.kit.crypto import keyring
from finmart.kit.errors import AccessDenied

SYSTEM = parties.SYSTEM
ATTRIBUTES = ("a", "b", "c")
REASON = "司法协助要求核实该企业身份"


@given(st.lists(st.tuples(*[st.sampled_from("xyz")] * 3), max_size=60), st.integers(1, 6))
def test_every_group_has_k_rows_and_no_value_is_made_up(rows, k):
    frame = pl.DataFrame(rows, schema=dict.fromkeys(ATTRIBUTES, pl.String), orient="row")
    held, withheld = anonymity.generalised(frame, ATTRIBUTES, k)
    assert held.height == frame.height >= withheld
    if frame.height >= k:
        assert anonymity.smallest_group(held, ATTRIBUTES) >= k
    order = sorted(frame.rows())
    assert len(order) == len(held.rows())
    assert {one for row in held.rows() for one in row} <= {"x", "y", "z", anonymity.GENERAL}


def test_large_groups_lose_nothing():
    frame = pl.DataFrame([("x", "y", "z")] * 5, schema=list(ATTRIBUTES), orient="row")
    assert anonymity.generalised(frame, ATTRIBUTES, 5)[0].equals(frame)


@pytest.mark.parametrize(("value", "coarse"), [(123456.0, 120000.0), (0.04567, 0.046), (0.0, 0.0), (-987.0, -990.0)])
def test_measures_keep_two_digits(value, coarse):
    assert coarsening.rounded(value) == coarse
    assert coarsening.rounded(None) is None
    assert coarsening.rounded(float("nan")) is None


def _city(count=12):
    """Firms of two kinds, with facts; the first few with invoices."""
    firms = []
    for place in range(count):
        firm = parties.enterprise(Role.ENTERPRISE_CLERK, name=f"苏州脱敏{chr(0x7532 + place)}实业有限公司")
        facts = {
            "industry_section": "C" if place % 3 else "I", "ownership": "PRIVATE", "employees": 10 + place,
            "annual_revenue_fen": 123_456_700 + place,
        }  # fmt: skip
        for code, value in facts.items():
            profiles_operations.record_fact(
                SYSTEM, firm.organisation_id, code, value, as_of_on=clock.today(), source="测试"
            )
        firms.append(firm)
    for place, firm in enumerate(firms[:2]):
        rows = [
            sale(发票号码=f"{place:04d}{month:04d}", 开票日期=f"{clock.today() - timedelta(days=30 * month + 5)}",
                 金额=f"{1234 + 13 * place + month}.00")
            for month in range(13)
        ]  # fmt: skip
        sources_operations.load_invoices(firm, invoice_file(*rows), organisation_id=firm.organisation_id)
    return firms


def _built(count=12):
    firms = _city(count)
    with transactions.opened():
        assert operations.build(SYSTEM) == count
    return firms


@pytest.mark.clause("D2")
def test_no_identifier_of_a_firm_or_person_is_in_any_column(db):
    firms = _built()
    with transactions.opened():
        operations.build_training(SYSTEM, [(one.organisation_id, clock.today()) for one in firms])
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(f) - 'id' - 'build_id' FROM desensitised_firmday AS f")
        text = "\n".join(str(row) for row in cursor.fetchall())
    assert text.count("pseudonym") == 12 + 2
    found = parties.queries.organisations([one.organisation_id for one in firms])
    for firm, actor in zip(found, firms, strict=True):
        for identifier in (firm.name, firm.credit_code, str(firm.uuid), firm.uuid.hex, actor.person_name, "脱敏"):
            assert identifier not in text
    columns = {field.name for field in FirmDay._meta.concrete_fields}
    assert columns == {
        "id", "build", "pseudonym", "district", "size_class", "industry_section", "age", "ownership", "bands",
        "measures",
    }  # fmt: skip
    order = list(FirmDay.objects.filter(build__is_training=False).order_by("pk").values_list("pseudonym", flat=True))
    assert order == sorted(order)  # not the order of the firms


@pytest.mark.clause("D2")
def test_small_groups_are_generalised_and_building_again_changes_nothing(db):
    _built()
    built = Build.objects.get()
    assert built.smallest_group >= SMALLEST_GROUP
    frame = queries.population(SYSTEM)
    assert frame.group_by(queries.ATTRIBUTES).len()["len"].min() == built.smallest_group
    assert set(frame["annual_revenue_fen"]) == {"100万–500万"}
    tasks.build(0)
    assert queries.population(SYSTEM).equals(frame)


@pytest.mark.clause("D2", "F2")
def test_groups_of_firms_are_told_with_the_originals_unreadable(db, monkeypatch):
    firms = [one.organisation_id for one in _built()]

    def unreadable(*_, **__):
        raise AssertionError("an original was read")

    for name in ("fact_table", "known_population", "known_values", "facts_by_source"):
        monkeypatch.setattr(profiles_queries, name, unreadable)
    with connection.execute_wrapper(_no_originals):
        told = groups_of(SYSTEM, firms[:3])
    assert {one["ownership"] for one in told.values()} <= {"民营企业", "其他"}
    assert set(told) == set(firms[:3])
    assert all(set(one) == {"size", "age", "ownership", "district"} for one in told.values())
    with pytest.raises(AccessDenied):
        groups_of(parties.bank(), firms)


def _no_originals(execute, statement, parameters, many, context):
    assert "profiles_" not in statement
    assert "sources_invoice" not in statement
    return execute(statement, parameters, many, context)


@pytest.mark.clause("D2")
def test_rows_for_training_go_after_their_time(db):
    (firm, *_) = _city(6)
    with transactions.opened():
        operations.build_training(SYSTEM, [(firm.organisation_id, clock.today())])
        operations.build(SYSTEM)
    assert Build.objects.filter(is_training=True).count() == 1
    with clock.moved_to(clock.now() + operations.TRAINING_KEPT + timedelta(days=1)), transactions.opened():
        operations.build(SYSTEM)
    assert not Build.objects.filter(is_training=True).exists()
    assert FirmDay.objects.count() == 6


@pytest.mark.clause("D2")
def test_fewer_firms_than_k_tell_nothing(db):
    _built(3)
    frame = queries.population(SYSTEM)
    assert {one for name in queries.ATTRIBUTES for one in frame[name]} == {anonymity.GENERAL}
    assert Build.objects.get().withheld == 3


@pytest.mark.clause("D2")
def test_a_firm_is_told_to_the_administrator_alone_with_a_reason_and_on_record(db):
    firms = _built(6)
    firm = parties.queries.organisation(firms[0].organisation_id)
    pseudonym = queries.pseudonym_of(firm.uuid)
    operator = parties.operator()
    administrator = parties.colleague(operator, Role.OPERATOR_ADMINISTRATOR)
    for stranger in (operator, firms[0], SYSTEM):
        with pytest.raises(AccessDenied), transactions.opened():
            operations.reidentify(stranger, pseudonym, reason=REASON)
    for wrong, reason in ((pseudonym, "短"), ("0" * 64, REASON)):
        with pytest.raises(UnableToReidentify), transactions.opened():
            operations.reidentify(administrator, wrong, reason=reason)
    with transactions.opened():
        assert operations.reidentify(administrator, pseudonym, reason=REASON).id == firm.id
    (told,) = queries.state_for(operator).reidentifications
    assert (told.pseudonym, told.reason, told.by) == (pseudonym, REASON, administrator.person_name)
    entry = Entry.objects.get(tag="desensitised:firm:reidentify")
    assert str(firm.uuid) not in f"{entry.subject} {entry.content}"
    assert firm.name not in f"{entry.subject} {entry.content}"


def test_another_key_gives_other_pseudonyms(tmp_path, settings, db):
    firm = parties.organisation()
    before = queries.pseudonym_of(firm.uuid)
    settings.FINMART_KEYS_FILE = str(tmp_path / "keys.json")
    keyring._known.forget()
    keyring.make(tmp_path / "keys.json", clock.now(), algorithm="SM4-GCM")
    after = queries.pseudonym_of(firm.uuid)
    keyring._known.forget()
    assert len(after) == 64
    assert before != after
