"""The case desk over HTTP, by every kind of party."""

from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from factories import applications as made
from factories import documents as files
from factories import parties as people
from factories.cases import loan_case
from finmart.centres.business.applications import operations as applications_operations
from finmart.centres.business.applications.types import RefusalReason
from finmart.centres.business.cases import operations, queries
from finmart.centres.business.cases.types import PartyRole, TimelineKind
from finmart.centres.technical.parties.models import Person
from finmart.kit import clock

HTMX = {"HX-Request": "true"}


def _signed_in(actor, **options):
    client = Client(**options)
    client.force_login(Person.objects.get(pk=actor.person_id), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def firm(db):
    return people.enterprise(name="苏州甲科技有限公司")


@pytest.fixture
def bank(db):
    return people.bank(name="苏州乙银行")


@pytest.fixture
def ref(firm, bank):
    return applications_operations.apply(firm, made.need(firm).uuid, [made.product_of(bank)])[0]


def _post(client, ref, text="请问进度？", **more):
    values = {"text": text, "recipient": "", "message_uuid": str(uuid4()), **more}
    return client.post(f"/cases/{ref.number}/messages/", values, headers=HTMX)


@pytest.mark.clause("P3")
def test_the_page_tells_a_firm_where_its_case_stands(firm, bank, ref):
    applications_operations.accept_application(bank, ref.uuid)
    text = _signed_in(firm).get(f"/cases/{ref.number}/").text
    for shown in (ref.number, "苏州乙银行", "100 万元", "已受理", "尽调审批", "申请已受理", 'aria-current="step"'):
        assert shown in text
    assert text.count('class="step-') - text.count('class="step-bar"') >= 7


@pytest.mark.clause("P3")
def test_the_page_says_why_an_application_was_refused(firm, bank, ref):
    applications_operations.refuse(bank, ref.uuid, RefusalReason.OPERATING_YEARS, explanation="成立未满两年")
    text = _signed_in(firm).get(f"/cases/{ref.number}/").text
    assert "经营年限不足（成立未满两年）" in text
    assert "step-failed" in text


@pytest.mark.clause("B6")
@pytest.mark.parametrize("tab", ["timeline", "papers", "messages", "funds", "nonsense"])
def test_every_tab_opens_within_its_queries(firm, bank, ref, tab, django_assert_max_num_queries):
    for number in range(8):
        operations.post_message(bank, ref.case_uuid, text=f"消息{number}")
        operations.note(bank, ref.case_uuid, TimelineKind.NOTE, f"记录{number}")
        operations.file_document(firm, ref.case_uuid, name=f"{number}.pdf", content=files.PDF, purpose="CASE_PAPER")
    client = _signed_in(firm)
    with django_assert_max_num_queries(25):
        assert client.get(f"/cases/{ref.number}/?tab={tab}").status_code == 200


def test_the_list_stays_within_its_queries(firm, django_assert_max_num_queries):
    for _ in range(3):
        banks = [people.bank() for _ in range(2)]
        applications_operations.apply(firm, made.need(firm).uuid, [made.product_of(bank) for bank in banks])
    client = _signed_in(firm)
    with django_assert_max_num_queries(25):
        answer = client.get("/cases/")
    assert answer.text.count("100 万元") == 6


@pytest.mark.clause("F3")
@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("own clerk", 200), ("same organisation", 200), ("own bank", 200), ("operator", 200),
        ("stranger firm", 404), ("stranger bank", 404), ("rival bank", 404), ("former party", 404), ("person", 404),
    ],
)  # fmt: skip
@pytest.mark.parametrize("tab", ["timeline", "papers", "funds"])
def test_who_opens_a_case(firm, bank, who, status, tab):
    rival, former = people.bank(), people.guarantor()
    versions = [made.product_of(bank), made.product_of(rival)]
    ref = applications_operations.apply(firm, made.need(firm).uuid, versions)[0]
    party = operations.add_party(bank, ref.case_uuid, role=PartyRole.GUARANTOR, organisation_id=former.organisation_id)
    operations.remove_party(bank, party, reason="改用抵押")
    actors = {
        "own clerk": lambda: firm,
        "same organisation": lambda: people.colleague(firm),
        "own bank": lambda: bank,
        "operator": people.operator,
        "stranger firm": people.enterprise,
        "stranger bank": people.bank,
        "rival bank": lambda: rival,
        "former party": lambda: former,
        "person": people.person,
    }
    client = _signed_in(actors[who]())
    assert client.get(f"/cases/{ref.number}/?tab={tab}").status_code == status
    if status == 404:
        assert _post(client, ref).status_code == 404
        assert ref.number not in client.get("/cases/").text


def test_a_visitor_is_asked_to_sign_in(ref):
    for address in ("/cases/", f"/cases/{ref.number}/"):
        answer = Client().get(address)
        assert answer.status_code == 302
        assert "sign-in" in answer["Location"]


def test_the_operator_gets_no_messages(ref):
    client = _signed_in(people.operator())
    text = client.get(f"/cases/{ref.number}/?tab=messages").text
    assert 'id="messages"' not in text
    assert "tab=messages" not in text
    assert _post(client, ref).status_code == 403


@pytest.mark.clause("B1")
def test_firm_and_bank_write_to_each_other(firm, bank, ref):
    answer = _post(_signed_in(firm), ref, text="请问还差什么？<b>")
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "请问还差什么？&lt;b&gt;" in answer.text
    client = _signed_in(bank)
    assert "1 条新消息" in client.get("/cases/").text
    assert "请问还差什么" in client.get(f"/cases/{ref.number}/?tab=messages").text
    assert client.post(f"/cases/{ref.number}/messages/read/", headers=HTMX).status_code == 204
    assert "条新消息" not in client.get("/cases/").text


@pytest.mark.parametrize("text", ["", "   ", "长" * 2001])
def test_a_wrong_message_gets_its_sentence_beside_the_field(firm, ref, text):
    answer = _post(_signed_in(firm), ref, text=text)
    assert answer.status_code == 422
    assert 'id="id_text_error"' in answer.text
    assert queries.messages_for(firm, ref.number) == []


def test_a_message_to_somebody_outside_the_case_is_refused(firm, ref):
    answer = _post(_signed_in(firm), ref, recipient=str(uuid4()))
    assert answer.status_code == 422
    assert 'id="id_recipient_error"' in answer.text


def test_a_double_click_sends_once(firm, ref):
    client, chosen = _signed_in(firm), str(uuid4())
    assert _post(client, ref, message_uuid=chosen).status_code == 200
    assert _post(client, ref, message_uuid=chosen).status_code == 422
    assert len(queries.messages_for(firm, ref.number)) == 1


def test_without_script_the_form_leads_back_to_the_page(firm, ref):
    answer = _signed_in(firm).post(
        f"/cases/{ref.number}/messages/", {"text": "您好", "recipient": "", "message_uuid": str(uuid4())}, follow=True
    )
    assert answer.redirect_chain[0][0].endswith("?tab=messages")
    assert "您好" in answer.text


@pytest.mark.clause("B6")
def test_a_paper_is_filed_for_all_parties(firm, bank, ref):
    client = _signed_in(firm)
    upload = {"file": SimpleUploadedFile("审计报告.pdf", files.PDF)}
    assert client.post(f"/cases/{ref.number}/papers/", upload).status_code == 302
    text = _signed_in(bank).get(f"/cases/{ref.number}/?tab=papers").text
    assert "审计报告.pdf" in text
    page = _signed_in(bank).get(f"/cases/{ref.number}/").text
    assert "提交材料" in page
    assert "审计报告.pdf" in page
    operator = _signed_in(people.operator()).get(f"/cases/{ref.number}/?tab=papers").text
    assert "审计报告.pdf" not in operator


@pytest.mark.parametrize("upload", [{}, {"file": ("合同.pdf", files.EXE)}])
def test_a_file_that_may_not_be_kept_gets_its_sentence(firm, ref, upload):
    values = {key: SimpleUploadedFile(*given) for key, given in upload.items()}
    answer = _signed_in(firm).post(f"/cases/{ref.number}/papers/", values)
    assert answer.status_code == 422
    assert 'id="paper-file-error"' in answer.text
    assert queries.papers_for(firm, ref.number) == []


def test_forms_need_their_token(firm, ref):
    client = _signed_in(firm, enforce_csrf_checks=True)
    assert _post(client, ref).status_code == 403
    upload = {"file": SimpleUploadedFile("a.pdf", files.PDF)}
    assert client.post(f"/cases/{ref.number}/papers/", upload).status_code == 403


def test_the_address_holds_the_filter_and_serves_page_or_part(firm, bank):
    with clock.moved_to(clock.now() - timedelta(days=40)):
        old = loan_case(firm, bank, title="去年的贷款")
    new = loan_case(firm, bank, title="今年的贷款")
    client = _signed_in(firm)
    address = f"/cases/?text=&opened_from={clock.today():%Y-%m-%d}"
    whole, part = client.get(address), client.get(address, headers=HTMX)
    for answer in (whole, part):
        assert new.number in answer.text
        assert old.number not in answer.text
        assert "HX-Request" in answer["Vary"]
    assert "<html" in whole.text
    assert "<html" not in part.text
    back = client.get(address, headers={**HTMX, "HX-History-Restore-Request": "true"})
    assert "<html" in back.text


def test_a_wrong_filter_is_told_beside_its_field(firm):
    answer = _signed_in(firm).get("/cases/?opened_from=2020-02-31")
    assert answer.status_code == 422
    assert 'id="id_opened_from_error"' in answer.text


def test_lists_are_paged(firm, bank):
    refs = [loan_case(firm, bank) for _ in range(23)]
    client = _signed_in(firm)
    first, second = (client.get(f"/cases/?state=OPEN&page={page}").text for page in (1, 2))
    assert refs[-1].number in first
    assert refs[-1].number not in second
    assert refs[0].number in second
    assert "state=OPEN&amp;page=2" in first
    assert client.get("/cases/?page=1e9").status_code == client.get("/cases/?page=99").status_code == 200


def test_only_the_leading_party_archives(firm, bank, ref):
    applications_operations.withdraw(firm, ref.uuid, reason="资金已解决")
    assert "归档</button>" not in _signed_in(firm).get(f"/cases/{ref.number}/").text
    assert _signed_in(firm).post(f"/cases/{ref.number}/archive/").status_code == 403
    client = _signed_in(bank)
    assert "归档</button>" in client.get(f"/cases/{ref.number}/").text
    assert client.post(f"/cases/{ref.number}/archive/").status_code == 302
    assert client.post(f"/cases/{ref.number}/archive/").status_code == 409
    assert _post(_signed_in(firm), ref).status_code == 422


def test_a_note_is_for_the_own_organisation_unless_all_may_read_it(firm, bank, ref):
    client = _signed_in(bank)
    assert client.post(f"/cases/{ref.number}/notes/", {"note": "内部意见"}).status_code == 302
    assert client.post(f"/cases/{ref.number}/notes/", {"note": "请留意时限", "for_all": "on"}).status_code == 302
    assert client.post(f"/cases/{ref.number}/notes/", {"note": " "}).status_code == 422
    own, others = (_signed_in(actor).get(f"/cases/{ref.number}/").text for actor in (bank, firm))
    assert "仅本机构可见" in own
    assert "内部意见" in own
    assert "内部意见" not in others
    assert "请留意时限" in others
    assert _signed_in(people.bank()).post(f"/cases/{ref.number}/notes/", {"note": "x"}).status_code == 404


def test_the_filtered_list_is_taken_away_as_text(firm, bank):
    loan_case(firm, bank, title="=1+1")
    closed = loan_case(firm, bank, title="已了结")
    operations.close(firm, closed.uuid, reason="撤回")
    loan_case(people.enterprise(), people.bank())
    client = _signed_in(firm)
    assert "/cases/export/?state=OPEN" in client.get("/cases/?state=OPEN&page=1").text
    sheet = openpyxl.load_workbook(BytesIO(client.get("/cases/export/?state=OPEN").content)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert [row[2] for row in rows] == ["事项", "=1+1"]
    assert sheet["C2"].data_type == "s"
    assert client.get("/cases/export/?opened_to=never").status_code == 422
