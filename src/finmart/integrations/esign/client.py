"""Reading signatures back: who signed, when, and whether anything changed since."""

import io
from collections.abc import Iterable

from asn1crypto import pem
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from finmart.integrations.esign.types import SignatureReport

# what a mangled file makes the parser raise; each of them ends up as a fault in the report
_EVERY_FAULT = (PdfError, SigningError, ValueError, KeyError, TypeError, AttributeError, IndexError)


def verify(pdf: bytes, trust_roots: Iterable[bytes]) -> list[SignatureReport]:
    """Return one report per signature, in the order of signing; empty where nobody has signed or it is no PDF.

    A signature is valid when its bytes are whole, its certificate was issued by a trusted root (PEM) and valid at the
    time of signing, and nothing but further signatures was added after it. Bytes after the latest signature make that
    one invalid.
    """
    roots = [asn1_x509.Certificate.load(pem.unarmor(root)[2]) for root in trust_roots]
    try:
        embedded = list(PdfFileReader(io.BytesIO(pdf)).embedded_signatures)
    except _EVERY_FAULT:
        return []
    return [_report(signature, roots, is_latest=signature is embedded[-1]) for signature in embedded]


def keywords(pdf: bytes) -> str:
    """Return the keywords a PDF carries in its properties, where a paper's seal is kept; empty where there are none."""
    try:
        return str(PdfFileReader(io.BytesIO(pdf)).trailer["/Info"]["/Keywords"])
    except _EVERY_FAULT:
        return ""


def _report(signature: EmbeddedPdfSignature, roots: list[asn1_x509.Certificate], *, is_latest: bool) -> SignatureReport:
    certificate = signature.signer_cert
    names = certificate.subject.native
    signed_at = signature.self_reported_timestamp
    return SignatureReport(
        field=str(signature.field_name),
        person=str(names.get("common_name", "")),
        organisation=str(names.get("organization_name", "")),
        issuer=str(certificate.issuer.native.get("common_name", "")),
        signed_at=signed_at,
        fault=_fault_of(signature, roots, is_latest=is_latest),
    )


def _fault_of(signature: EmbeddedPdfSignature, roots: list[asn1_x509.Certificate], *, is_latest: bool) -> str:
    context = ValidationContext(trust_roots=roots, moment=signature.self_reported_timestamp, allow_fetching=False)
    try:
        status = validate_pdf_signature(signature, signer_validation_context=context)
    except _EVERY_FAULT:
        return "签名结构损坏"
    return _words_of(status, is_latest=is_latest)


def _words_of(status: PdfSignatureStatus, *, is_latest: bool) -> str:
    if not status.intact:
        return "签署后内容被改动"
    if not status.valid:
        return "签名与证书不符"
    if not status.trusted:
        return "证书不是受信任的机构签发，或签署时已失效"
    if is_latest and status.coverage != SignatureCoverageLevel.ENTIRE_FILE:
        return "签署后追加了内容"
    if status.modification_level == ModificationLevel.OTHER or not status.bottom_line:
        return "签署后追加了不允许的改动"
    return ""
