"""A demo certificate authority of ours. It has no legal standing: it shows the form of a signature, not its force.

Like the event certificates of licensed providers, each signature gets a key of its own and a certificate of one day
that names the person, the organisation and the act; the key is forgotten at once. Only the authority's key is kept,
by the caller, encrypted.
"""

import io
from collections.abc import Generator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigMDPSetup, SigObjSetup
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1, ISO32002
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from finmart.integrations.esign import cades
from finmart.integrations.esign.types import Signatory, SigningFailure

AUTHORITY_NAME = "finmart 演示证书机构（无法律效力）"
# Wide on purpose: stories of past years sign under the same authority.
VALID_FROM = datetime(2015, 1, 1, tzinfo=UTC)
VALID_TO = datetime(2099, 1, 1, tzinfo=UTC)
MOST_NAME_CHARACTERS = 64  # RFC 5280 upper bound of a common name
# In hexadecimal digits. Names are bounded, so a signature takes 2,700 to 3,400.
RESERVED_FOR_SIGNATURE = 4_096


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate (PEM) and its private key (PEM, encrypted with the passphrase it was made with)."""

    certificate: bytes
    encrypted_key: bytes


def create_authority(passphrase: bytes) -> Authority:
    """Return a new demo authority with a self-signed certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, AUTHORITY_NAME)])
    certificate = (
        _certificate(name, name, key.public_key(), VALID_FROM, VALID_TO)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    encryption = serialization.BestAvailableEncryption(passphrase)
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return Authority(certificate.public_bytes(encoding), key.private_bytes(encoding, form, encryption))


class DemoSigningService:
    """Signs with one-day certificates of the demo authority. Raises ValueError for a wrong passphrase."""

    def __init__(self, authority: Authority, passphrase: bytes) -> None:
        self._root_pem = authority.certificate
        self._root = x509.load_pem_x509_certificate(authority.certificate)
        key = serialization.load_pem_private_key(authority.encrypted_key, passphrase)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError("the demo authority signs with an elliptic curve key")
        self._key = key

    def trust_roots(self) -> list[bytes]:
        return [self._root_pem]

    def sign(self, pdf: bytes, *, signatory: Signatory, field: str, reason: str, signed_at: datetime) -> bytes:
        """Return ``pdf`` with a PAdES signature in the invisible field ``field``. Raises SigningFailure.

        The first signature certifies the paper: from then on only further signatures may be added. A paper that
        somebody else has certified as final is not refused here; verification finds it.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._one_day_certificate(signatory, key.public_key(), signed_at)
        placeholder = SignatureObject(
            timestamp=signed_at,
            subfilter=SigSeedSubFilter.PADES,
            name=signatory.person,
            reason=reason,
            bytes_reserved=RESERVED_FOR_SIGNATURE,
        )
        try:
            place = _place_in(pdf, field, placeholder)
            prepared, signed = place.send(SigIOSetup(md_algorithm="sha256", in_place=True))
            place.send(cades.sign(prepared.document_digest, key, certificate, self._root))
        except (PdfError, ValueError) as error:
            raise SigningFailure(str(error)) from error
        return bytes(signed.getvalue())

    def _one_day_certificate(
        self, signatory: Signatory, key: ec.EllipticCurvePublicKey, signed_at: datetime
    ) -> x509.Certificate:
        return (
            _certificate(
                _subject(signatory),
                self._root.subject,
                key,
                signed_at - timedelta(minutes=5),
                signed_at + timedelta(days=1),
            )
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
            .sign(self._key, hashes.SHA256())
        )


def _place_in(pdf: bytes, field: str, placeholder: SignatureObject) -> Generator[Any, Any, None]:
    """Put the placeholder into a new field and return pyHanko's embedder, which waits to be told where to write."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    is_first = not any(enumerate_sig_fields(writer.prev, filled_status=True))
    _tell_version(writer)
    embedder: Generator[Any, Any, None] = PdfCMSEmbedder().write_cms(field_name=field, writer=writer)
    next(embedder)
    mdp = SigMDPSetup(md_algorithm="sha256", certify=is_first, docmdp_perms=MDPPerm.FILL_FORMS if is_first else None)
    embedder.send(SigObjSetup(placeholder, mdp))
    return embedder


def _tell_version(writer: IncrementalPdfFileWriter) -> None:
    """Say what a reader must know: PAdES (ISO 32000-2; ESIC for readers of 1.7) on elliptic curves (ISO 32002)."""
    writer.ensure_output_version((2, 0))
    writer.register_extension(ESIC_EXTENSION_1)
    writer.register_extension(ISO32002)


def _subject(signatory: Signatory) -> x509.Name:
    attributes = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
        x509.NameAttribute(NameOID.COMMON_NAME, _common_name(signatory.person)),
        x509.NameAttribute(NameOID.SERIAL_NUMBER, signatory.reference),
    ]
    if signatory.organisation:
        attributes.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, signatory.organisation[:MOST_NAME_CHARACTERS]))
        attributes.append(x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, signatory.credit_code))
    return x509.Name(attributes)


def _common_name(person: str) -> str:
    """Return as much of a name as fits: the library counts bytes, and a Chinese sign takes three."""
    return person.encode()[:MOST_NAME_CHARACTERS].decode(errors="ignore")


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, valid_from: datetime, valid_to: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid_from)
        .not_valid_after(valid_to)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=not signs_certificates,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
