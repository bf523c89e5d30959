"""Numbers of firms stay hidden in the database until the transaction has opened them (clauses D2 and F2)."""

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction

from architecture.test_row_policies import GUARDED
from factories import parties
from factories.consents import consent
from factories.profiles import facts
from factories.sources import invoice_file, sale
from finmart.centres.data.consents import operations as consents_operations
from finmart.centres.data.consents.types import ConsentRequired, Mode, Purpose
from finmart.centres.data.profiles import operations, queries
from finmart.centres.data.sources import operations as sources_operations
from finmart.centres.technical.parties.types import Role
from finmart.kit import rowpolicies, transactions
from finmart.kit.actor import Actor

SYSTEM = Actor.of_system("test")
LOAN = Purpose.LOAN_REVIEW
DAY = dt.date(2019, 12, 31)
OF_FIRM = {table: "subject_id" if table == "profiles_factcopy" else "organisation_id" for table in GUARDED}
pytestmark = [pytest.mark.clause("D2", "F2")]


class World:
    """Two firms of which every guarded table holds rows, and a bank with the consent of each."""

    def __init__(self, owner):
        with transactions.opened():
            self.firms = [parties.enterprise(Role.ENTERPRISE_LEGAL_PERSON) for _ in range(2)]
            self.bank, self.owner = parties.bank(), owner
            for firm in self.firms:
                self._fill(firm)
        self.ids = [firm.organisation_id for firm in self.firms]

    def _fill(self, firm):
        facts(firm.organisation_id, employees=12)
        facts(firm.organisation_id, employees=13)  # the older version becomes a past fact
        invoices = invoice_file(sale(开票日期="2019-11-05"), sale(发票号码="2", 开票日期="2019-12-05"))
        sources_operations.load_invoices(SYSTEM, invoices, organisation_id=firm.organisation_id)
        operations.compute(SYSTEM, [firm.organisation_id], DAY)
        consent(firm, self.bank, "employees", mode=Mode.STORE)
        operations.keep_copy(self.bank, firm.organisation_id, LOAN)
        self._score(firm.organisation_id)

    def _score(self, firm_id):
        self.owner.execute("SET session_replication_role = replica")  # a score of a model that need not be
        self.owner.execute(
            "INSERT INTO risk_score (uuid, version_id, organisation_id, as_of_on, scored_at, inputs, points, chance,"
            " reasons, groups, disputed) VALUES (gen_random_uuid(), 1, %s, now(), now(), '{}', 600, 0.1, '[]', '{}',"
            " '{}')",
            [firm_id],
        )


@pytest.fixture
def world(committed_database, owner_database):
    return World(owner_database)


def _seen():
    """Return table → whose rows a plain SELECT shows."""
    found = {}
    with connection.cursor() as cursor:
        for table, column in OF_FIRM.items():
            cursor.execute(f"SELECT DISTINCT {column} FROM {table}")
            found[table] = {firm for (firm,) in cursor.fetchall()}
    return found


def _everywhere(*firms):
    return {table: set(firms) for table in GUARDED}


def test_a_disclosure_opens_its_firm_alone_to_the_end_of_its_transaction(world):
    one, other = world.ids
    assert _seen() == _everywhere(), "nothing is open outside of a transaction"
    with transactions.opened():
        assert _seen() == _everywhere()
        consents_operations.disclose(world.bank, subject_id=one, purpose=LOAN)
        assert _seen() == _everywhere(one)
        elsewhere = connection.copy()
        with elsewhere.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM profiles_fact")
            assert cursor.fetchone() == (0,), "another transaction sees nothing"
        elsewhere.close()
        consents_operations.disclose(world.bank, subject_id=other, purpose=LOAN)
        assert _seen() == _everywhere(one, other)
    assert _seen() == _everywhere(), "the same session, after the commit"
    with transactions.opened():
        assert _seen() == _everywhere()


def _disclose_and_fail(bank, firm_id):
    consents_operations.disclose(bank, subject_id=firm_id, purpose=LOAN)
    assert _seen() == _everywhere(firm_id)
    raise ZeroDivisionError


def test_what_is_refused_or_undone_opens_nothing(world):
    one, _ = world.ids
    with transactions.opened():
        stranger = parties.bank()
        with pytest.raises(ConsentRequired):
            consents_operations.disclose(stranger, subject_id=one, purpose=LOAN)
        assert _seen() == _everywhere()
        with pytest.raises(ZeroDivisionError), transactions.opened():
            _disclose_and_fail(world.bank, one)
        assert _seen() == _everywhere(), "rolled back to the savepoint"
        with pytest.raises(ZeroDivisionError), transactions.opened(), rowpolicies.upkeep():
            raise ZeroDivisionError
        assert _seen() == _everywhere()


def test_the_population_the_own_firm_and_upkeep_open_what_they_say(world):
    one, other = world.ids
    with transactions.opened():
        rowpolicies.open_own(one)
        assert _seen() == _everywhere(one)
        with rowpolicies.upkeep(), rowpolicies.upkeep():
            assert _seen() == _everywhere(one, other)
        assert _seen() == _everywhere(one)
    with transactions.opened():
        consents_operations.disclose_population(SYSTEM, purpose=Purpose.MATCHING, fact_types=["employees"])
        assert _seen() == _everywhere(one, other)
        rowpolicies.open_own(one)
        assert _seen() == _everywhere(one, other)


def test_a_firm_reads_its_own_facts_and_opens_no_other(world):
    one, _ = world.ids
    with transactions.opened():
        assert {view.code for view in queries.own_facts_for(world.firms[0])} >= {"employees", "annual_sales_fen"}
        assert _seen() == _everywhere(one)


@pytest.mark.parametrize("statement", [
    "UPDATE profiles_fact SET number = 0", "DELETE FROM profiles_pastfact", "UPDATE sources_invoice SET tax_fen = 0",
])  # fmt: skip
def test_rows_that_are_not_open_cannot_be_changed_either(world, statement):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.rowcount == 0


def test_the_application_cannot_lift_a_policy_and_the_owner_is_not_bound(world):
    for statement in (
        "ALTER TABLE profiles_fact DISABLE ROW LEVEL SECURITY", "DROP POLICY profiles_fact_opened ON profiles_fact",
        "COPY profiles_fact FROM STDIN",
    ):  # fmt: skip
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert rowpolicies.are_in_force()
    (count,) = world.owner.execute("SELECT count(DISTINCT organisation_id) FROM profiles_fact").fetchone()
    assert count == 2


def test_an_index_on_the_firm_serves_under_the_policy(world):
    with transactions.opened(), connection.cursor() as cursor:
        rowpolicies.open_own(world.ids[0])
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT number FROM profiles_fact WHERE organisation_id = %s", [world.ids[0]])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Cond: (organisation_id =" in plan
    assert plan.count("\n  InitPlan ") == 2, "the settings are read once in a statement"
