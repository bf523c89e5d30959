"""Signatures of the demo authority: valid as made, and every change afterwards is found."""

import io
from datetime import UTC, datetime

import pytest
from pypdf import PdfReader, PdfWriter

from factories.documents import contract
from finmart.integrations import typst
from finmart.integrations.esign.client import verify
from finmart.integrations.esign.simulator import DemoSigningService, create_authority
from finmart.integrations.esign.types import Signatory, SigningFailure

AT = datetime(2020, 3, 2, 1, tzinfo=UTC)
FIRM = Signatory("𠮷野", "苏州示例有限公司", "913205000000000022", "a")
BANK = Signatory("李四", "示例银行", "913205000000000011", "b")


@pytest.fixture(scope="module")
def service():
    return DemoSigningService(create_authority(b"a passphrase"), b"a passphrase")


@pytest.fixture(scope="module")
def paper():
    return typst.render("loan_contract_v1", contract())


@pytest.fixture(scope="module")
def signed(service, paper):
    one = service.sign(paper, signatory=FIRM, field="slot-1", reason="签署借款合同", signed_at=AT)
    return service.sign(one, signatory=BANK, field="slot-2", reason="签署借款合同", signed_at=AT)


def _faults(service, pdf):
    return [report.fault for report in verify(pdf, service.trust_roots())]


def test_two_signatures_are_valid_and_say_who_and_when(service, signed):
    reports = verify(signed, service.trust_roots())
    assert [(r.field, r.person, r.organisation, r.signed_at) for r in reports] == [
        ("slot-1", "𠮷野", "苏州示例有限公司", AT),
        ("slot-2", "李四", "示例银行", AT),
    ]
    assert all(report.is_valid for report in reports)
    assert "演示" in reports[0].issuer


def test_an_unsigned_paper_has_no_signature(service, paper):
    assert verify(paper, service.trust_roots()) == []
    assert verify(b"no pdf at all", service.trust_roots()) == []


@pytest.mark.parametrize("place", range(100, 60_000, 6_007))
def test_a_changed_byte_is_found(service, signed, place):
    changed = bytearray(signed)
    changed[place] ^= 1
    reports = _faults(service, bytes(changed))
    assert not reports or any(reports)


def test_appended_bytes_are_found(service, signed):
    assert _faults(service, signed + b"\n% more")[-1] == "签署后追加了内容"


def test_an_appended_page_is_found(service, signed):
    writer = PdfWriter(io.BytesIO(signed), incremental=True)
    writer.add_blank_page()
    changed = io.BytesIO()
    writer.write(changed)
    assert all(_faults(service, changed.getvalue()))


def test_a_page_appended_between_two_signatures_is_found(service, paper):
    one = service.sign(paper, signatory=FIRM, field="slot-1", reason="签署", signed_at=AT)
    writer = PdfWriter(io.BytesIO(one), incremental=True)
    writer.add_blank_page()
    changed = io.BytesIO()
    writer.write(changed)
    two = service.sign(changed.getvalue(), signatory=BANK, field="slot-2", reason="签署", signed_at=AT)
    assert _faults(service, two)[0] == "签署后追加了不允许的改动"


def test_another_authority_is_not_trusted(signed):
    other = create_authority(b"x")
    assert all(not report.is_valid for report in verify(signed, [other.certificate]))


def test_one_field_holds_one_signature(service, signed):
    with pytest.raises(SigningFailure):
        service.sign(signed, signatory=FIRM, field="slot-1", reason="再签", signed_at=AT)


def test_what_is_no_pdf_cannot_be_signed(service):
    with pytest.raises(SigningFailure):
        service.sign(b"plain", signatory=FIRM, field="slot-1", reason="签署", signed_at=AT)


def test_the_key_is_kept_encrypted():
    authority = create_authority(b"right")
    assert b"ENCRYPTED" in authority.encrypted_key
    with pytest.raises(ValueError, match=r"(?i)password|decrypt"):
        DemoSigningService(authority, b"wrong")


def test_signing_leaves_the_text_readable(signed):
    assert "壹佰万元整" in PdfReader(io.BytesIO(signed)).pages[0].extract_text()


def test_the_longest_names_fit_the_space_a_signature_is_given(service, paper):
    longest = Signatory("㐀" * 80, "㐀" * 200, "913205000000000022", "HT20200302-000001/12")
    signed = service.sign(paper, signatory=longest, field="slot-1", reason="签" * 200, signed_at=AT)
    (report,) = verify(signed, service.trust_roots())
    assert report.is_valid
    assert (report.person, report.organisation) == ("㐀" * 21, "㐀" * 64)
