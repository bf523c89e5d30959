"""The documents desk over HTTP, by every kind of party."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from factories import documents as files
from factories import parties
from finmart.centres.technical.documents import operations, queries
from finmart.centres.technical.documents.models import Document
from finmart.centres.technical.parties.models import Person
from finmart.centres.technical.parties.types import OrganisationKind, Role
from finmart.kit.actor import Actor


def _signed_in(actor, **options):
    client = Client(**options)
    client.force_login(Person.objects.get(pk=actor.person_id), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def clerk(db):
    return parties.member(parties.organisation(), Role.ENTERPRISE_CLERK)


def _upload(client, name, content, **headers):
    return client.post("/documents/upload/", {"file": SimpleUploadedFile(name, content)}, **headers)


@pytest.mark.clause("B6")
def test_a_clerk_uploads_lists_and_downloads(clerk):
    client = _signed_in(clerk)
    assert _upload(client, "营业执照.pdf", files.PDF).status_code == 302
    assert "营业执照.pdf" in client.get("/documents/").text
    got = client.get(f"/documents/{Document.objects.get().uuid}/")
    assert b"".join(got.streaming_content) == files.PDF
    assert got["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert got["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in got["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("name", "content"), [("合同.pdf", files.EXE), ("a.html", b"<html>"), ("b.svg", b"<svg/>"), ("c.pdf", b"")]
)
def test_what_may_not_be_kept_gets_its_sentence_beside_the_field(clerk, name, content):
    answer = _upload(_signed_in(clerk), name, content)
    assert answer.status_code == 422
    assert 'id="upload-error"' in answer.text
    assert not Document.objects.exists()


def test_no_file_at_all(clerk):
    answer = _signed_in(clerk).post("/documents/upload/", {})
    assert answer.status_code == 422
    assert "请选择要上传的文件" in answer.text


def test_an_upload_over_the_limit_is_thrown_away_while_it_arrives(clerk):
    answer = _upload(_signed_in(clerk), "大.pdf", files.PDF + bytes(51 * 1024 * 1024))
    assert answer.status_code == 422
    assert "50 MB" in answer.text


def test_an_upload_needs_its_token(clerk):
    assert _upload(_signed_in(clerk, enforce_csrf_checks=True), "a.pdf", files.PDF).status_code == 403


@pytest.mark.clause("F3")
@pytest.mark.parametrize(
    ("who", "status"),
    [("own", 200), ("colleague", 200), ("granted", 200), ("formerly granted", 404), ("stranger", 404),
     ("operator", 404), ("anonymous", 404)],
)  # fmt: skip
@pytest.mark.parametrize("page", ["", "history/", "versions/1/"])
def test_who_gets_a_file(clerk, who, status, page):
    paper = operations.store(clerk, name="a.pdf", content=files.PDF, purpose="LICENCE")
    bank = parties.organisation(OrganisationKind.BANK)
    officer = parties.member(bank, Role.INSTITUTION_ACCOUNT_MANAGER)
    if "granted" in who:
        operations.grant(clerk, paper.uuid, organisation_id=bank.id)
    if who == "formerly granted":
        operations.revoke(clerk, paper.uuid, organisation_id=bank.id)
    people = {
        "own": clerk,
        "colleague": parties.member(
            parties.queries.organisation(clerk.organisation_id), Role.ENTERPRISE_CLERK, full_name="李四"
        ),
        "operator": parties.member(parties.organisation(OrganisationKind.OPERATOR), Role.OPERATOR),
    }
    client = Client() if who == "anonymous" else _signed_in(people.get(who, officer))
    assert client.get(f"/documents/{paper.uuid}/{page}").status_code == status


@pytest.mark.clause("F3")
def test_a_visitor_may_not_list_or_upload(db):
    assert Client().get("/documents/")["Location"].startswith("/accounts/sign-in/")
    assert _upload(Client(), "a.pdf", files.PDF)["Location"].startswith("/accounts/sign-in/")
    assert not Document.objects.exists()


def test_the_list_page_asks_few_questions(clerk, django_assert_max_num_queries):
    for number in range(20):
        operations.store(clerk, name=f"{number}.pdf", content=files.PDF, purpose="OWN_PAPER")
    client = _signed_in(clerk)
    with django_assert_max_num_queries(11):
        assert client.get("/documents/").status_code == 200


def test_documents_of_own_are_the_newest_first(clerk):
    first, second = (
        operations.store(clerk, name=name, content=files.PDF, purpose="OWN_PAPER") for name in ("a.pdf", "b.pdf")
    )
    assert [row.uuid for row in queries.documents_of_own(clerk)] == [second.uuid, first.uuid]
    assert queries.documents_of_own(Actor.visitor()) == []
