"""A demo certificate authority of ours. It has no legal standing: it shows the form of a signature, not its force.

Like the event certificates of licensed providers, each signature gets a key of its own and a certificate of one day
that names the person, the organisation and the act; the key is forgotten at once. Only the authority's key is kept,
by the caller, encrypted.
"""

import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from asn1crypto import keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter, enumerate_sig_fields
from pyhanko_certvalidator.registry import SimpleCertificateStore

from finmart.integrations.esign.types import Signatory, SigningFailure

AUTHORITY_NAME = "finmart 演示证书机构（无法律效力）"
# Wide on purpose: stories of past years sign under the same authority.
VALID_FROM = datetime(2015, 1, 1, tzinfo=UTC)
VALID_TO = datetime(2099, 1, 1, tzinfo=UTC)
MOST_NAME_CHARACTERS = 64  # RFC 5280 upper bound of a common name
# In hexadecimal digits. Names are bounded, so a signature takes 4,300 to 5,300; told beforehand, pyHanko need not
# sign twice to find out, which is what a signature costs most time for.
RESERVED_FOR_SIGNATURE = 6_144


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

        The first signature certifies the paper: from then on only further signatures may be added.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        try:
            writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
            is_first = not any(enumerate_sig_fields(writer.prev, filled_status=True))
            details = signers.PdfSignatureMetadata(
                field_name=field,
                name=signatory.person,
                reason=reason,
                md_algorithm="sha256",
                subfilter=SigSeedSubFilter.PADES,
                certify=is_first,
                docmdp_permissions=MDPPerm.FILL_FORMS,
            )
            signer = self._signer(signatory, key, signed_at)
            signed = _SignerAtMoment(signed_at, details, signer).sign_pdf(
                writer, existing_fields_only=False, bytes_reserved=RESERVED_FOR_SIGNATURE
            )
        except (PdfError, ValueError) as error:
            raise SigningFailure(str(error)) from error
        return bytes(signed.getvalue())

    def _signer(
        self, signatory: Signatory, key: ec.EllipticCurvePrivateKey, signed_at: datetime
    ) -> signers.SimpleSigner:
        certificate = (
            _certificate(
                _subject(signatory),
                self._root.subject,
                key.public_key(),
                signed_at - timedelta(minutes=5),
                signed_at + timedelta(days=1),
            )
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        known = SimpleCertificateStore()
        known.register(_as_asn1(self._root))
        plain = key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return signers.SimpleSigner(_as_asn1(certificate), keys.PrivateKeyInfo.load(plain), known)


class _SignerAtMoment(signers.PdfSigner):  # type: ignore[misc]  # pyHanko is read without types
    """Signs at the platform's time, which stories about the past shift, not at the machine's."""

    def __init__(self, moment: datetime, details: signers.PdfSignatureMetadata, signer: signers.Signer) -> None:
        super().__init__(details, signer)
        self._moment = moment

    def init_signing_session(self, pdf_out: IncrementalPdfFileWriter, existing_fields_only: bool = False) -> object:  # noqa: FBT001, FBT002 - pyHanko's signature
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self._moment
        return session


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


def _as_asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))
