"""Files: what they are by their bytes, who may read and change them, stored once and never altered."""

import io
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction
from django.db.utils import DatabaseError
from hypothesis import given
from hypothesis import strategies as st

from factories import documents as files
from factories import parties
from finmart.centres.technical.audit.queries import entries_for
from finmart.centres.technical.documents import operations, queries, rules
from finmart.centres.technical.documents.models import Chunk, DocumentVersion
from finmart.centres.technical.documents.types import ContentKind, DocumentDamaged, Reader, UnableToStore
from finmart.centres.technical.parameters import operations as parameters_operations
from finmart.centres.technical.parties.types import OrganisationKind, Role
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound
from finmart.kit.transactions import OutsideTransaction


@pytest.fixture
def firm(db):
    return parties.organisation()


@pytest.fixture
def clerk(firm):
    return parties.member(firm, Role.ENTERPRISE_CLERK)


@pytest.fixture
def officer(db):
    return parties.member(parties.organisation(OrganisationKind.BANK), Role.INSTITUTION_ACCOUNT_MANAGER)


def _store(actor, content=files.PDF, name="营业执照.pdf", **details):
    return operations.store(actor, name=name, content=content, purpose="LICENCE", **details)


@pytest.mark.clause("B6")
def test_what_was_stored_is_read_back(clerk):
    content = bytes(range(256)) * 10_000  # three pieces
    stored = _store(clerk, files.PDF + content, "年报 𠮷野家.PDF")
    assert queries.content_for(clerk, stored.uuid) == (stored, files.PDF + content)
    assert (stored.name, stored.media_type, stored.version) == ("年报 𠮷野家.PDF", "application/pdf", 1)


def test_equal_pieces_are_stored_once(clerk, officer):
    _store(clerk)
    before = Chunk.objects.count()
    _store(officer)
    assert Chunk.objects.count() == before


TEXTS = "名称,金额\n苏州𠮷野有限公司,100\n"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (files.PDF, ContentKind.PDF),
        (files.PNG, ContentKind.PNG),
        (files.JPG, ContentKind.JPG),
        (files.xlsx(), ContentKind.XLSX),
        (TEXTS.encode(), ContentKind.TEXT),
        (TEXTS.encode("utf-8-sig"), ContentKind.TEXT),
        (TEXTS.encode("gb18030"), ContentKind.TEXT),
        (TEXTS.encode("utf-16"), ContentKind.TEXT),
        (files.archive(**{"OFD.xml": b"<ofd/>"}), ContentKind.OFD),
        (files.archive(**{"readme.txt": b"x"}), ContentKind.ARCHIVE),
        (files.archive(**{"../../etc/passwd": b"x", "OFD.xml": b""}), ContentKind.OTHER),
        (files.archive(**{"[Content_Types].xml": b"<T/>", "xl/workbook.xml": b"", "xl/vbaProject.bin": b""}),
         ContentKind.MACRO),
        (files.archive(**{"[Content_Types].xml": b"x.macroEnabled", "word/document.xml": b""}), ContentKind.MACRO),
        (files.xlsx()[:-40], ContentKind.OTHER),
        (files.EXE, ContentKind.EXECUTABLE),
        (b"\x7fELF" + bytes(60), ContentKind.EXECUTABLE),
        (b"#!/bin/sh\nrm -rf /\n", ContentKind.SCRIPT),
        (b"\n <!DOCTYPE html><p>", ContentKind.HTML),
        (b"<?xml version='1.0'?><svg onload='x'/>", ContentKind.SVG),
        (b"<?xml version='1.0'?><fapiao/>", ContentKind.XML),
        (b"text\x00with nul", ContentKind.OTHER),
        (b"", ContentKind.EMPTY),
    ],
)  # fmt: skip
def test_a_file_is_what_its_bytes_are(content, kind):
    assert rules.recognise(io.BytesIO(content)) == kind


@pytest.mark.clause("B6")
@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("合同.pdf", files.EXE, "可执行程序"),
        ("合同.pdf.exe", files.PDF, ".exe"),
        ("合同.pdf", b"<html><script>", "网页"),
        ("照片.png", b"<svg xmlns='x'/>", "SVG"),
        ("图.svg", b"<svg xmlns='x'/>", "SVG"),
        ("表.xlsx", files.archive(**{"[Content_Types].xml": b"x", "xl/workbook.xml": b"", "xl/vbaProject.bin": b""}),
         "宏"),
        ("表.csv", b"#!/bin/sh\n", "脚本"),
        ("空.pdf", b"", "空"),
        ("没有扩展名", files.PDF, "文件名"),
        (".pdf", files.PDF, "文件名"),
    ],
)  # fmt: skip
def test_what_may_not_be_kept_is_refused_with_a_sentence(clerk, name, content, says):
    with pytest.raises(UnableToStore) as refusal:
        _store(clerk, content, name)
    assert says in refusal.value.message
    assert refusal.value.field == "file"
    assert not DocumentVersion.objects.exists()


@pytest.mark.clause("B13")
def test_the_operator_sets_limit_and_types(clerk):
    administrator = parties.member(parties.organisation(OrganisationKind.OPERATOR), Role.OPERATOR_ADMINISTRATOR)
    today = clock.today()
    for key, chosen in ((queries.EXTENSIONS, ("png",)), (queries.MOST_BYTES, 2 * 1024 * 1024)):
        parameters_operations.set_value(administrator, key=key, value=chosen, valid_from=today, source="测试")
    with pytest.raises(UnableToStore, match="不接受"):
        _store(clerk)
    with pytest.raises(UnableToStore, match="2 MB"):
        _store(clerk, files.PNG + bytes(3 * 1024 * 1024), "a.png")


def test_a_file_over_the_limit_is_refused_without_being_held_in_memory(clerk):
    piece = files.PDF + bytes(1024 * 1024 - len(files.PDF))
    tracemalloc.start()
    with pytest.raises(UnableToStore, match="50 MB"):
        _store(clerk, (piece for _ in range(300)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * 1024 * 1024


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\a\\报表.xlsx", "报表.xlsx"),
        ("a\x00b\r\nSet-Cookie: x.pdf", "abSet-Cookie_ x.pdf"),
        ("gpj.\u202eexe.pdf", "gpj.exe.pdf"),
        ("𠮷野.pdf", "𠮷野.pdf"),
        ("a" * 400 + ".pdf", "a" * 146 + ".pdf"),
    ],
)
def test_names_are_kept_safe(given_name, kept):
    assert rules.normal_name(given_name) == kept


@given(st.text(max_size=300))
def test_no_name_escapes(text):
    try:
        name = rules.normal_name(text + ".pdf")
    except UnableToStore:
        return
    assert len(name) <= rules.MOST_NAME_CHARACTERS
    assert not {"/", "\\", "\x00", "\n", '"'} & set(name)
    assert not name.startswith(".")
    name.encode()


@pytest.mark.clause("F3")
def test_a_stranger_learns_nothing_until_granted_and_after_it_is_revoked(clerk, officer):
    paper = _store(clerk)
    for read in (queries.document_for, queries.versions_for, queries.content_for, operations.download):
        with pytest.raises(NotFound):
            read(officer, paper.uuid)
    operations.grant(clerk, paper.uuid, organisation_id=officer.organisation_id)
    operations.grant(clerk, paper.uuid, organisation_id=officer.organisation_id)
    assert queries.documents_for(officer, [paper.uuid])[0].sha256 == paper.sha256
    assert b"".join(operations.download(officer, paper.uuid).pieces) == files.PDF
    with pytest.raises(AccessDenied):
        operations.add_version(officer, paper.uuid, name="b.pdf", content=files.PDF)
    operations.revoke(clerk, paper.uuid, organisation_id=officer.organisation_id)
    assert queries.documents_for(officer, [paper.uuid]) == []


@pytest.mark.clause("F3")
def test_a_document_may_have_its_readers_from_the_start(clerk, officer):
    person = parties.person()
    office = Reader(officer.organisation_id)
    paper = _store(clerk, readers=[office, office, Reader(person_id=person.person_id)])
    assert queries.document_for(officer, paper.uuid).uuid == paper.uuid
    assert queries.document_for(person, paper.uuid).uuid == paper.uuid
    trail = entries_for(parties.operator(Role.OPERATOR), subject=f"document:{paper.uuid}")
    assert [one.tag for one in trail].count("documents:access:grant") == 2
    with pytest.raises(NotFound):
        queries.document_for(parties.bank(), paper.uuid)
    with pytest.raises(ValueError, match="one organisation or one person"):
        Reader(officer.organisation_id, person.person_id)


def test_a_grant_to_a_person_reaches_no_colleague(clerk, officer):
    colleague = parties.member(
        parties.queries.organisation(officer.organisation_id), Role.INSTITUTION_APPROVER, full_name="李四"
    )
    paper = _store(clerk)
    operations.grant(clerk, paper.uuid, person_id=officer.person_id)
    assert queries.document_for(officer, paper.uuid).uuid == paper.uuid
    with pytest.raises(NotFound):
        queries.document_for(colleague, paper.uuid)


@pytest.mark.clause("F3")
@pytest.mark.parametrize("act", ["store", "read", "grant"])
def test_a_visitor_may_do_nothing(clerk, act):
    paper = _store(clerk)
    visitor = Actor.visitor()
    with pytest.raises((AccessDenied, NotFound)):
        {
            "store": lambda: _store(visitor),
            "read": lambda: queries.document_for(visitor, paper.uuid),
            "grant": lambda: operations.grant(visitor, paper.uuid, organisation_id=1),
        }[act]()


def test_a_colleague_of_the_owner_reads_and_adds_versions(firm, clerk):
    colleague = parties.member(firm, Role.ENTERPRISE_LEGAL_PERSON, full_name="王五")
    paper = _store(clerk)
    second = operations.add_version(colleague, paper.uuid, name="新执照.png", content=files.PNG)
    assert second.version == 2
    assert [row.uploaded_by for row in queries.versions_for(clerk, paper.uuid)] == ["王五", "张三"]
    assert queries.content_for(clerk, paper.uuid, 1)[1] == files.PDF
    assert queries.document_for(clerk, paper.uuid).name == "新执照.png"


def test_a_revision_is_made_of_the_latest_version_under_its_name(clerk):
    paper = _store(clerk, keeper="instruments")
    for _ in range(2):
        latest = operations.revise(clerk, paper.uuid, lambda content: content + b"+", keeper="instruments")
    assert (latest.version, latest.name) == (3, paper.name)
    assert queries.content_for(clerk, paper.uuid) == (latest, files.PDF + b"++")
    with pytest.raises(AccessDenied):
        operations.revise(clerk, paper.uuid, bytes.upper)


def test_revisions_at_once_are_all_kept(committed_database):
    with transaction.atomic():
        clerk = parties.member(parties.organisation(), Role.ENTERPRISE_CLERK)
        paper = _store(clerk)

    def revise(number):
        with transaction.atomic():
            operations.revise(clerk, paper.uuid, lambda content: content + bytes([number]))
        connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(revise, range(6)))
    _, content = queries.content_for(clerk, paper.uuid)
    assert sorted(content.removeprefix(files.PDF)) == list(range(6))


@pytest.mark.clause("F3")
def test_a_kept_document_changes_only_through_its_keeper(clerk):
    paper = _store(clerk, keeper="instruments")
    assert "documents:version:add" not in paper.acts
    with pytest.raises(AccessDenied):
        operations.add_version(clerk, paper.uuid, name="x.pdf", content=files.PDF)
    with pytest.raises(AccessDenied):
        operations.grant(Actor.of_system("job"), paper.uuid, organisation_id=clerk.organisation_id)
    assert operations.add_version(
        clerk, paper.uuid, name="x.pdf", content=files.PDF, keeper="instruments"
    ).version == 2  # fmt: skip


@pytest.mark.clause("F4")
def test_every_download_is_on_record(clerk):
    paper = _store(clerk)
    operations.download(clerk, paper.uuid)
    auditor = Actor(person_id=1, organisation_kind="OPERATOR", roles=frozenset({"OPERATOR"}))
    tags = [entry.tag for entry in entries_for(auditor, subject=f"document:{paper.uuid}")]
    assert tags == ["documents:document:download", "documents:document:store"]


@pytest.mark.parametrize("table", ["documents_chunk", "documents_documentversion", "documents_versionchunk"])
def test_what_is_stored_cannot_be_altered(clerk, table):
    from django.db import connection

    _store(clerk)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")


def test_altered_bytes_are_not_handed_out(committed_database, owner_database):
    with transaction.atomic():
        clerk = parties.member(parties.organisation(), Role.ENTERPRISE_CLERK)
        paper = _store(clerk)
    owner_database.execute("ALTER TABLE documents_chunk DISABLE TRIGGER ALL")
    owner_database.execute("UPDATE documents_chunk SET content = '\\x00'")
    with pytest.raises(DocumentDamaged):
        queries.content_for(clerk, paper.uuid)


def test_a_paper_of_one_piece_is_read_in_two_queries(clerk, django_assert_num_queries):
    paper = _store(clerk)
    with django_assert_num_queries(2):
        queries.content_for(clerk, paper.uuid)


@pytest.mark.django_db
def test_pieces_are_not_compressed_a_second_time():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attstorage FROM pg_attribute WHERE attrelid = 'documents_chunk'::regclass AND attname = 'content'"
        )
        assert cursor.fetchone() == ("e",)


def test_writers_at_once_get_their_own_numbers(committed_database):
    with transaction.atomic():
        clerk = parties.member(parties.organisation(), Role.ENTERPRISE_CLERK)
        paper = _store(clerk)
    failures = []

    def add(number):
        try:
            with transaction.atomic():
                operations.add_version(clerk, paper.uuid, name="x.pdf", content=files.PDF + bytes([number]))
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=add, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [row.number for row in queries.versions_for(clerk, paper.uuid)] == [7, 6, 5, 4, 3, 2, 1]


def test_storing_needs_a_transaction(committed_database):
    with pytest.raises(OutsideTransaction):
        _store(Actor.of_system("test"))
