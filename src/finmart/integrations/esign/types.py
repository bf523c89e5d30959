"""What signing takes and what verification says."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who signs: a person, for an organisation where there is one. ``reference`` names the act (a uuid)."""

    person: str
    organisation: str
    credit_code: str
    reference: str


@dataclass(frozen=True, slots=True)
class SignatureReport:
    """One signature in a PDF. ``field`` is its place; ``fault`` is empty when it is valid, else says why not."""

    field: str
    person: str
    organisation: str
    issuer: str
    signed_at: datetime | None
    fault: str

    @property
    def is_valid(self) -> bool:
        return not self.fault


class SigningService(Protocol):
    """What a provider of electronic signatures does for us; the demo authority and a licensed one are alike in this."""

    def sign(self, pdf: bytes, *, signatory: Signatory, field: str, reason: str, signed_at: datetime) -> bytes:
        """Return the PDF with one signature more, appended so that the earlier ones stay valid."""
        ...

    def trust_roots(self) -> list[bytes]:
        """Return the certificates (PEM) a verifier starts from."""
        ...


class SigningFailure(RuntimeError):
    """The provider could not sign this PDF."""
