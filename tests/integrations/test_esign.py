"""Signatures of the demo authority: valid as made, and every change afterwards is found."""

import io
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from asn1crypto.cms import ContentInfo
from asn1crypto.x509 import Certificate
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.generic_cms import validate_sig_integrity
from pypdf import PdfReader, PdfWriter

from factories.documents import contract
from finmart.integrations import typst
from finmart.integrations.esign import cades
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


def test_a_signature_says_what_pades_asks_for_and_no_more(service, signed):
    reader = PdfFileReader(io.BytesIO(signed))
    for signature in reader.embedded_signatures:
        signer = signature.signer_info
        attributes = {one["type"].native: one["values"][0] for one in signer["signed_attrs"]}
        assert set(attributes) == {"content_type", "message_digest", "signing_certificate_v2"}
        named = attributes["signing_certificate_v2"]["certs"][0]
        assert named["cert_hash"].native == sha256(signature.signer_cert.dump()).digest()
        assert named["issuer_serial"]["serial_number"].native == signature.signer_cert.serial_number
        assert named["issuer_serial"]["issuer"][0].chosen == signature.signer_cert.issuer
        assert signer["sid"].chosen["serial_number"].native == signature.signer_cert.serial_number
        assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert set(reader.root["/Extensions"]) == {"/ESIC", "/ISO_"}
    assert reader.root["/Perms"].raw_get("/DocMDP") == reader.embedded_signatures[0].sig_field.raw_get("/V")


def test_attributes_are_written_the_one_way_their_digest_is_taken_of(signed):
    for signature in PdfFileReader(io.BytesIO(signed)).embedded_signatures:
        written = signature.signer_info["signed_attrs"]
        assert written.contents == b"".join(sorted(one.dump() for one in written))


def test_a_signature_moved_to_another_paper_is_found(service, paper, signed):
    other = service.sign(paper, signatory=BANK, field="slot-1", reason="签署", signed_at=AT)
    taken, replaced = (
        PdfFileReader(io.BytesIO(pdf)).embedded_signatures[0].pkcs7_content.hex().upper().encode()
        for pdf in (signed, other)
    )
    assert _faults(service, other.replace(replaced, taken)) == ["签署后内容被改动"]


def test_a_certificate_that_is_not_the_signers_is_found():
    authority = create_authority(b"x")
    key = load_pem_private_key(authority.encrypted_key, b"x")
    certificate = load_pem_x509_certificate(authority.certificate)
    stranger = load_pem_x509_certificate(create_authority(b"x").certificate)
    digest = sha256(b"paper").digest()
    for held, is_valid in ((certificate, True), (stranger, False)):
        signed_data = ContentInfo.load(cades.sign(digest, key, held, certificate))["content"]
        named = Certificate.load(held.public_bytes(Encoding.DER))
        found = validate_sig_integrity(signed_data["signer_infos"][0], named, "data", digest)
        assert found == (True, is_valid)


def test_the_longest_names_fit_the_space_a_signature_is_given(service, paper):
    longest = Signatory("㐀" * 80, "㐀" * 200, "913205000000000022", "HT20200302-000001/12")
    signed = service.sign(paper, signatory=longest, field="slot-1", reason="签" * 200, signed_at=AT)
    (report,) = verify(signed, service.trust_roots())
    assert report.is_valid
    assert (report.person, report.organisation) == ("㐀" * 21, "㐀" * 64)
