"""One file for every matter: a number of its own, parties who see their part, a timeline nobody can change."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError, IntegrityError

from factories import documents as files
from factories import parties as people
from factories.cases import loan_case
from finmart.centres.business.cases import operations, queries, rules
from finmart.centres.business.cases.events import MessagePosted
from finmart.centres.business.cases.types import (
    CaseFilter,
    CaseKind,
    CaseParty,
    CasesAct,
    PartyRole,
    TimelineKind,
    UnableToChangeCase,
)
from finmart.centres.technical.audit.models import Entry
from finmart.centres.technical.documents import queries as documents_queries
from finmart.centres.technical.documents.types import UnableToStore
from finmart.kit import clock, events
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, Conflict, NotFound, Refusal
from finmart.kit.transactions import OutsideTransaction

MARCH = datetime(2020, 3, 1, 16, 30, tzinfo=UTC)  # already 2 March in Suzhou


@pytest.fixture
def firm(db):
    return people.enterprise(name="苏州甲科技有限公司")


@pytest.fixture
def bank(db):
    return people.bank(name="苏州乙银行")


@pytest.fixture
def case(firm, bank):
    return loan_case(firm, bank)


def _texts(actor, case):
    return [line.text for line in queries.timeline_for(actor, case.number)]


def test_numbers_follow_the_city_s_day(firm, bank):
    with clock.moved_to(MARCH):
        first, second = loan_case(firm, bank), loan_case(firm, bank)
    assert [first.number, second.number] == ["SZ20200302-000001", "SZ20200302-000002"]
    with clock.moved_to(datetime(2020, 3, 2, 16, 0, tzinfo=UTC)):
        assert loan_case(firm, bank).number == "SZ20200303-000001"


def test_a_series_is_capital_letters():
    assert rules.number_of("XQ", date(2020, 3, 2), 1_000_000) == "XQ20200302-1000000"
    with pytest.raises(ValueError, match="capital letters"):
        rules.number_of("xq'", date(2020, 3, 2), 1)


def test_no_number_twice_under_concurrency(committed_database):
    with transaction.atomic():
        firm, bank = people.enterprise(), people.bank()

    def open_some(_):
        numbers = []
        for turn in range(5):
            with transaction.atomic():
                number = loan_case(firm, bank).number
                transaction.set_rollback(turn == 3)  # a rolled-back number may be given out again, once
            if turn != 3:
                numbers.append(number)
        connection.close()
        return numbers

    with ThreadPoolExecutor(8) as pool:
        numbers = [number for some in pool.map(open_some, range(8)) for number in some]
    assert len(numbers) == len(set(numbers)) == 32
    assert queries.count_cases_for(firm) == 32


@pytest.mark.clause("F3")
def test_strangers_do_not_even_learn_that_a_case_exists(case, firm, bank):
    strangers = [people.enterprise(), people.bank(), people.person(), Actor.visitor()]
    for stranger in strangers:
        for number in (case.number, "SZ20200302-999999"):
            for ask in (queries.case_for, queries.timeline_for, queries.messages_for):
                with pytest.raises(NotFound, match="没有找到该案件"):
                    ask(stranger, number)
        for known in (case.uuid, uuid4()):
            with pytest.raises(NotFound):
                queries.number_for(stranger, known)
        with pytest.raises(NotFound):
            operations.note(stranger, case.uuid, TimelineKind.NOTE, "看看")
        with pytest.raises(NotFound):
            operations.post_message(stranger, case.uuid, text="你好")
        assert queries.cases_for(stranger).total == 0
    for party in (firm, bank, people.colleague(firm), people.colleague(bank)):
        assert queries.case_for(party, case.number).ref.number == case.number
        assert queries.cases_for(party).total == 1
    assert queries.number_for(people.operator(), case.uuid) == case.number
    with pytest.raises(NotFound):
        queries.number_for(people.operator(), uuid4())


@pytest.mark.clause("P3")
def test_each_party_sees_the_lines_for_all_and_its_own(case, firm, bank):
    operator = people.operator()
    operations.note(bank, case.uuid, TimelineKind.NOTE, "内部意见", visible_to_id=bank.organisation_id)
    operations.note(bank, case.uuid, TimelineKind.STEP, "已受理")
    assert _texts(bank, case)[:2] == ["已受理", "内部意见"]
    for other in (firm, operator):
        assert "已受理" in _texts(other, case)
        assert "内部意见" not in _texts(other, case)
    with pytest.raises(AccessDenied):
        operations.note(firm, case.uuid, TimelineKind.NOTE, "给银行", visible_to_id=bank.organisation_id)


def test_the_operator_reads_no_messages_between_others(case, firm, bank):
    operator = people.operator()
    operations.post_message(firm, case.uuid, text="请问进度")
    view = queries.case_for(operator, case.number)
    assert CasesAct.MESSAGE_READ not in view.acts
    assert CasesAct.MESSAGE_POST not in view.acts
    assert view.unread == 0
    with pytest.raises(AccessDenied):
        queries.messages_for(operator, case.number)
    with pytest.raises(AccessDenied):
        operations.post_message(operator, case.uuid, text="催一下")
    assert operations.mark_messages_read(operator, case.number) == 0
    assert queries.cases_for(operator).rows[0].unread == 0


def test_a_message_to_one_party_is_read_by_that_party_only(case, firm, bank):
    guarantor = people.guarantor()
    operations.add_party(bank, case.uuid, role=PartyRole.GUARANTOR, organisation_id=guarantor.organisation_id)
    to_bank = next(p for p in queries.case_for(firm, case.number).recipients if p.role == PartyRole.LENDER)
    operations.post_message(firm, case.uuid, text="只给银行", recipient_uuid=to_bank.uuid)
    operations.post_message(bank, case.uuid, text="各位好")

    def read(actor):
        return [message.text for message in queries.messages_for(actor, case.number)]

    assert read(firm) == read(bank) == read(people.colleague(bank)) == ["只给银行", "各位好"]
    assert read(guarantor) == ["各位好"]


def test_reading_is_counted_per_person(case, firm, bank):
    operations.post_message(firm, case.uuid, text="一")
    operations.post_message(firm, case.uuid, text="二")
    colleague = people.colleague(bank)
    assert queries.case_for(bank, case.number).unread == 2
    assert queries.case_for(firm, case.number).unread == 0
    assert operations.mark_messages_read(bank, case.number) == 2
    assert operations.mark_messages_read(bank, case.number) == 0
    assert queries.cases_for(bank).rows[0].unread == 0
    assert queries.cases_for(colleague).rows[0].unread == 2


def test_a_double_click_sends_one_message(case, firm):
    chosen = uuid4()
    operations.post_message(firm, case.uuid, text="一次", message_uuid=chosen)
    with pytest.raises(Conflict):
        operations.post_message(firm, case.uuid, text="一次", message_uuid=chosen)
    assert len(queries.messages_for(firm, case.number)) == 1


def test_whoever_notifies_learns_the_recipients(case, firm, bank, monkeypatch):
    heard = []
    monkeypatch.setitem(events._reactions, MessagePosted, [heard.append])
    operations.post_message(firm, case.uuid, text="您好")
    assert [event.recipient_organisation_ids for event in heard] == [(bank.organisation_id,)]


@pytest.mark.parametrize("text", ["", "  \n", "长" * 2001, "零\x00字节"])
def test_bad_texts_are_refused_with_their_field(case, firm, text):
    with pytest.raises(Refusal) as refused:
        operations.post_message(firm, case.uuid, text=text)
    assert refused.value.field == "text"
    assert queries.messages_for(firm, case.number) == []


def test_a_natural_person_may_be_a_party(firm, bank):
    owner = people.person("𠮷田")
    case = loan_case(firm, bank, CaseParty(PartyRole.GUARANTOR, person_id=owner.person_id))
    view = queries.case_for(owner, case.number)
    assert [p.name for p in view.parties if p.is_own] == ["𠮷田"]
    operations.post_message(owner, case.uuid, text="同意")
    assert queries.messages_for(bank, case.number)[0].sender == "𠮷田"
    assert queries.messages_for(owner, case.number)[0].is_own


def test_a_case_is_opened_by_one_of_its_parties(firm, bank):
    parties = [CaseParty(PartyRole.BORROWER, organisation_id=firm.organisation_id)]
    with pytest.raises(AccessDenied):
        operations.open(bank, kind=CaseKind.GENERAL, title="代办", parties=parties)
    with pytest.raises(UnableToChangeCase):
        operations.open(firm, kind=CaseKind.GENERAL, title="无人", parties=[])
    with pytest.raises(UnableToChangeCase, match="一家机构或一名自然人"):
        operations.open(firm, kind=CaseKind.GENERAL, title="错", parties=[*parties, CaseParty(PartyRole.LENDER)])
    with pytest.raises(Conflict):
        operations.open(firm, kind=CaseKind.GENERAL, title="重", parties=parties * 2)


def test_only_the_leading_party_brings_others_in(case, firm, bank):
    guarantor = people.organisation(people.OrganisationKind.GUARANTOR)
    with pytest.raises(AccessDenied):
        operations.add_party(firm, case.uuid, role=PartyRole.GUARANTOR, organisation_id=guarantor.id)
    operations.add_party(bank, case.uuid, role=PartyRole.GUARANTOR, organisation_id=guarantor.id)
    with pytest.raises(Conflict):
        operations.add_party(bank, case.uuid, role=PartyRole.GUARANTOR, organisation_id=guarantor.id)


def test_a_party_that_left_sees_nothing_any_more(case, firm, bank):
    guarantor = people.guarantor()
    party = operations.add_party(bank, case.uuid, role=PartyRole.GUARANTOR, organisation_id=guarantor.organisation_id)
    assert queries.cases_for(guarantor).total == 1
    operations.remove_party(bank, party, reason="改用抵押")
    assert queries.cases_for(guarantor).total == 0
    with pytest.raises(NotFound):
        queries.case_for(guarantor, case.number)
    with pytest.raises(Conflict):
        operations.remove_party(bank, party, reason="再次")
    for own in queries.case_for(bank, case.number).active_parties:
        with pytest.raises(UnableToChangeCase):
            operations.remove_party(bank, own.uuid, reason="试试")


@pytest.mark.clause("B6")
def test_closing_and_archiving_each_happen_once(case, firm, bank):
    with pytest.raises(Conflict):
        operations.archive(bank, case.uuid)
    operations.close(firm, case.uuid, reason="企业撤回申请")
    with pytest.raises(Conflict):
        operations.close(bank, case.uuid, reason="再次")
    with pytest.raises(AccessDenied):
        operations.archive(firm, case.uuid)
    operations.post_message(firm, case.uuid, text="谢谢")
    operations.archive(bank, case.uuid)
    view = queries.case_for(bank, case.number)
    assert view.acts == {CasesAct.MESSAGE_READ}
    assert view.closing_reason == "企业撤回申请"
    for act in (
        lambda: operations.note(bank, case.uuid, TimelineKind.NOTE, "晚了"),
        lambda: operations.post_message(firm, case.uuid, text="晚了"),
        lambda: operations.add_party(bank, case.uuid, role=PartyRole.INSURER, organisation_id=firm.organisation_id),
    ):
        with pytest.raises(UnableToChangeCase):
            act()


@pytest.mark.parametrize(
    "table", ["cases_timelineentry", "cases_message", "cases_messagereading", "cases_fileddocument"]
)
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_what_happened_and_was_said_cannot_be_changed(case, firm, table, statement):
    operations.post_message(firm, case.uuid, text="话")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


def test_the_database_refuses_a_state_without_its_moment(case):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE cases_case SET state = 'CLOSED' WHERE id = %s", [case.id])


def test_lists_are_narrowed_and_paged(firm, bank):
    for number in range(5):
        loan_case(firm, bank, title=f"第{number}笔")
    closed = loan_case(firm, people.bank(name="苏州丙银行"), title="另一笔")
    operations.close(firm, closed.uuid, reason="已撤回")
    page = queries.cases_for(firm, page=2, size=4)
    assert (page.total, page.pages, page.page, len(page.rows)) == (6, 2, 2, 2)
    assert queries.cases_for(firm, page=99, size=4).rows == page.rows
    for narrowed, expected in (
        (CaseFilter(state="CLOSED"), 1),
        (CaseFilter(text="丙银行"), 1),
        (CaseFilter(text="第"), 5),
        (CaseFilter(text="100%_"), 0),
        (CaseFilter(kind="BANK_LOAN"), 6),
        (CaseFilter(opened_from=clock.today(), opened_to=clock.today()), 6),
        (CaseFilter(opened_to=date(2020, 1, 1)), 0),
    ):
        assert queries.cases_for(firm, narrowed).total == queries.count_cases_for(firm, narrowed) == expected


def test_a_list_takes_the_same_few_queries_however_long(firm, bank, django_assert_max_num_queries):
    for _ in range(6):
        loan_case(firm, bank)
    with django_assert_max_num_queries(4):
        assert len(queries.cases_for(firm).rows) == 6


def test_outside_a_transaction_nothing_is_written(committed_database):
    with pytest.raises(OutsideTransaction):
        operations.take_number("SZ")


@pytest.mark.clause("B6")
def test_a_filed_paper_is_read_by_all_parties_and_by_those_who_join(case, firm, bank):
    paper = operations.file_document(firm, case.uuid, name="营业执照.pdf", content=files.PDF, purpose="CASE_PAPER")
    assert documents_queries.document_for(bank, paper).name == "营业执照.pdf"
    guarantor = people.guarantor()
    with pytest.raises(NotFound):
        documents_queries.document_for(guarantor, paper)
    party = operations.add_party(bank, case.uuid, role=PartyRole.GUARANTOR, organisation_id=guarantor.organisation_id)
    assert documents_queries.document_for(guarantor, paper)
    operations.remove_party(bank, party, reason="改用抵押")
    with pytest.raises(NotFound):
        documents_queries.document_for(guarantor, paper)
    assert queries.papers_for(bank, case.number) == [paper]
    assert _texts(bank, case)[0].startswith("担保机构")


def test_only_parties_file_papers(case, firm):
    with pytest.raises(AccessDenied):
        operations.file_document(people.operator(), case.uuid, name="a.pdf", content=files.PDF, purpose="CASE_PAPER")
    with pytest.raises(UnableToStore):
        operations.file_document(firm, case.uuid, name="a.pdf", content=files.EXE, purpose="CASE_PAPER")
    assert queries.papers_for(firm, case.number) == []


def test_an_export_leaves_a_trace(firm):
    operations.record_export(firm, 12)
    row = Entry.objects.get(tag="cases:list:export")
    assert (row.person_id, row.content) == (firm.person_id, {"rows": 12})
    with pytest.raises(AccessDenied):
        operations.record_export(Actor.visitor(), 0)
