"""The second factor: an authenticator's six digits (RFC 6238) on django-allauth's tables, secrets sealed."""

import base64
import time
from dataclasses import dataclass
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, validate_totp_code
from allauth.mfa.utils import decrypt
from axes.handlers.proxy import AxesProxyHandler
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from finmart.kit.errors import NotFound

PENDING = "second_factor_pending"
MOST_SECONDS = 300
CODES_REMEMBERED = 4


class Adapter(DefaultMFAAdapter):  # type: ignore[misc] # allauth has no types
    """Seals the secrets: who reads the database cannot make codes."""

    def encrypt(self, text: str) -> str:
        return _seal().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _seal().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        return "企业金融服务超市"

    def get_totp_label(self, user: object) -> str:
        return str(getattr(user, "username", ""))


@dataclass(frozen=True, slots=True)
class Pending:
    """A person whose password was right and who still owes a code."""

    person_id: int
    destination: str


def _seal() -> Fernet:
    key = salted_hmac("accounts.second_factor", "seal", algorithm="sha256", secret=settings.SECRET_KEY).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def is_enrolled(person_id: int) -> bool:
    return bool(Authenticator.objects.filter(user_id=person_id, type=Authenticator.Type.TOTP).exists())


def person(person_id: int) -> Any:
    """Return the account itself, which Django signs in."""
    return get_user_model().objects.get(pk=person_id)


def begin(request: HttpRequest, person_id: int, destination: str) -> None:
    """Remember whose password was right."""
    request.session[PENDING] = [person_id, destination, int(time.time())]


def pending(request: HttpRequest) -> Pending | None:
    """Return who still owes a code; None where nobody does or too long ago."""
    held = request.session.get(PENDING)
    if not held or time.time() - held[2] > MOST_SECONDS:
        return None
    return Pending(held[0], held[1])


def new_secret() -> str:
    return str(generate_totp_secret())


def address_of(account: AbstractBaseUser, secret: str) -> str:
    """Return the ``otpauth:`` address an authenticator reads from the QR code."""
    return str(Adapter().build_totp_url(account, secret))


def enrol(account: AbstractBaseUser, secret: str, code: str) -> list[str] | None:
    """Keep the secret if the code proves that the authenticator has it; return the recovery codes, else None."""
    if not validate_totp_code(secret, code):
        return None
    TOTP.activate(account, secret)
    return [str(line) for line in RecoveryCodes.activate(account).generate_codes()]


def remove(person_id: int) -> None:
    """Forget the authenticator and the recovery codes."""
    gone, _ = Authenticator.objects.filter(user_id=person_id).delete()
    if not gone:
        raise NotFound("尚未启用动态验证码")


def verify(request: HttpRequest, account: AbstractBaseUser, code: str) -> bool:
    """Say whether a code is right and new; wrong ones count towards the lock-out like wrong passwords."""
    credentials = {"username": account.get_username()}
    allowed = AxesProxyHandler.is_allowed(request, credentials)
    if allowed and _is_right(account.pk, code):
        request.session.pop(PENDING, None)
        return True
    user_login_failed.send(sender=__name__, credentials=credentials, request=request)
    return False


def _is_right(person_id: int, code: str) -> bool:
    rows = Authenticator.objects.select_for_update().filter(user_id=person_id)
    kept = {row.type: row for row in rows}
    totp = kept.get(Authenticator.Type.TOTP)
    if totp is None:
        return False
    used = totp.data.get("used", [])
    if code not in used and validate_totp_code(decrypt(totp.data["secret"]), code):
        totp.data["used"] = [*used, code][-CODES_REMEMBERED:]
        totp.save(update_fields=["data"])
        return True
    spare = kept.get(Authenticator.Type.RECOVERY_CODES)
    return bool(spare and RecoveryCodes(spare).validate_code(code))
