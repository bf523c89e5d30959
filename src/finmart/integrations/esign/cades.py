"""A detached CMS signature (RFC 5652) with the signed attributes PAdES baseline B-B asks for (EN 319 142-1).

pyHanko can make one as well; declared here and written by the compiled encoder of `cryptography`, it costs a tenth.
"""

from typing import Annotated

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

_DATA = x509.ObjectIdentifier("1.2.840.113549.1.7.1")
_SIGNED_DATA = x509.ObjectIdentifier("1.2.840.113549.1.7.2")
_CONTENT_TYPE = x509.ObjectIdentifier("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST = x509.ObjectIdentifier("1.2.840.113549.1.9.4")
_SIGNING_CERTIFICATE_V2 = x509.ObjectIdentifier("1.2.840.113549.1.9.16.2.47")
_SHA256 = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")
_ECDSA_WITH_SHA256 = x509.ObjectIdentifier("1.2.840.10045.4.3.2")
_VERSION_1 = 1


@asn1.sequence
class _Algorithm:
    """Without parameters, as RFC 5754 asks of those who write SHA-256 and ECDSA with it."""

    algorithm: x509.ObjectIdentifier


@asn1.sequence
class _IssuerSerial:
    issuer: list[Annotated[asn1.TLV, asn1.Explicit(4)]]
    serial_number: int


@asn1.sequence
class _CertificateId:
    """ESSCertIDv2 (RFC 5035); the hash is SHA-256, its default."""

    hash: bytes
    issuer_serial: _IssuerSerial


@asn1.sequence
class _SigningCertificate:
    certificates: list[_CertificateId]


@asn1.sequence
class _Attribute:
    type: x509.ObjectIdentifier
    values: asn1.SetOf[x509.ObjectIdentifier | bytes | _SigningCertificate]


@asn1.sequence
class _IssuerAndSerialNumber:
    issuer: asn1.TLV
    serial_number: int


@asn1.sequence
class _Signer:
    version: int
    identifier: _IssuerAndSerialNumber
    digest_algorithm: _Algorithm
    signed_attributes: Annotated[asn1.SetOf[_Attribute], asn1.Implicit(0)]
    signature_algorithm: _Algorithm
    signature: bytes


@asn1.sequence
class _Content:
    """What is signed lies outside: only its type is told."""

    type: x509.ObjectIdentifier


@asn1.sequence
class _SignedData:
    version: int
    digest_algorithms: asn1.SetOf[_Algorithm]
    content: _Content
    certificates: Annotated[asn1.SetOf[x509.Certificate], asn1.Implicit(0)]
    signers: asn1.SetOf[_Signer]


@asn1.sequence
class _Envelope:
    type: x509.ObjectIdentifier
    content: Annotated[_SignedData, asn1.Explicit(0)]


def sign(
    digest: bytes, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate, issuer: x509.Certificate
) -> bytes:
    """Return the signature (DER) over the SHA-256 ``digest`` of a paper, with both certificates in it.

    ``certificate`` belongs to ``key``. The time of signing is not among the attributes: PAdES keeps it in the PDF.
    """
    name = asn1.decode_der(asn1.TLV, certificate.issuer.public_bytes())
    attributes = _signed_attributes(digest, certificate, name)
    signer = _Signer(
        version=_VERSION_1,
        identifier=_IssuerAndSerialNumber(issuer=name, serial_number=certificate.serial_number),
        digest_algorithm=_Algorithm(algorithm=_SHA256),
        signed_attributes=attributes,
        signature_algorithm=_Algorithm(algorithm=_ECDSA_WITH_SHA256),
        signature=key.sign(asn1.encode_der(attributes), ec.ECDSA(hashes.SHA256())),
    )
    content = _SignedData(
        version=_VERSION_1,
        digest_algorithms=asn1.SetOf([_Algorithm(algorithm=_SHA256)]),
        content=_Content(type=_DATA),
        certificates=asn1.SetOf([certificate, issuer]),
        signers=asn1.SetOf([signer]),
    )
    return asn1.encode_der(_Envelope(type=_SIGNED_DATA, content=content))


def _signed_attributes(digest: bytes, certificate: x509.Certificate, issuer: asn1.TLV) -> asn1.SetOf[_Attribute]:
    certificate_id = _CertificateId(
        hash=certificate.fingerprint(hashes.SHA256()),
        issuer_serial=_IssuerSerial(issuer=[issuer], serial_number=certificate.serial_number),
    )
    return asn1.SetOf(
        [
            _Attribute(type=_CONTENT_TYPE, values=asn1.SetOf([_DATA])),
            _Attribute(type=_MESSAGE_DIGEST, values=asn1.SetOf([digest])),
            _Attribute(
                type=_SIGNING_CERTIFICATE_V2,
                values=asn1.SetOf([_SigningCertificate(certificates=[certificate_id])]),
            ),
        ]
    )
