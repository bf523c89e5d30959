"""Checks on names and codes."""

import re

from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError

from finmart.centres.technical.parties.types import INSTITUTION_KINDS, OrganisationKind, Role
from finmart.kit.errors import Refusal

_TELEPHONE = re.compile(r"\+?\d{7,15}")
_MOBILE = re.compile(r"(\+?86)?1[3-9]\d{9}")


def normal_credit_code(text: str) -> str:
    """Return the unified social credit code in its normal form. Raises Refusal where GB 32100 says no."""
    try:
        return str(uscc.validate(text))
    except ValidationError as error:
        raise Refusal(
            f"统一社会信用代码“{text[:24]}”不正确（长度或校验位不符）",
            field="credit_code",
            remedy="请按营业执照核对 18 位代码",
        ) from error


def normal_name(text: str) -> str:
    """Return a name without outer and doubled spaces; refuse empty and over-long ones. Any script is a name."""
    cleaned = " ".join(text.split())
    if not cleaned or len(cleaned) > 200 or "\x00" in cleaned:
        raise Refusal("名称不能为空，且不超过 200 个字符", field="name", remedy="请按证照填写全称")
    return cleaned


def normal_person_name(text: str) -> str:
    """Return a person's name of at most 60 characters, in any script."""
    name = normal_name(text)
    if len(name) > 60:
        raise Refusal("姓名不超过 60 个字符", field="full_name")
    return name


def normal_username(text: str) -> str:
    """Return a name to sign in with: 2 to 60 letters, digits, ``.``, ``_``, ``-``, ``@``; case does not count."""
    name = text.strip().lower()
    if not 2 <= len(name) <= 60 or not all(sign.isalnum() or sign in "._-@" for sign in name):
        raise Refusal("登录名须为 2 至 60 个字母、数字或 . _ - @", field="username")
    if _MOBILE.fullmatch(name) or ric.is_valid(name.upper()):
        raise Refusal("登录名不能是手机号码或身份证号码", field="username", remedy="登录名会显示给同事，请另取一个")
    return name


def normal_identity_number(text: str) -> str:
    """Return a resident identity number (GB 11643) in its normal form. Raises Refusal where it is wrong."""
    try:
        return str(ric.validate(text.strip().upper()))
    except ValidationError as error:
        raise Refusal(
            "身份证号码不正确（长度、日期或校验位不符）", field="identity_number", remedy="请按身份证核对 18 位号码"
        ) from error


def is_reachable(email: str) -> bool:
    """Can a mail to this address reach anybody? Not where it is empty or under ``.invalid`` (RFC 2606)."""
    return email != "" and not email.lower().endswith(".invalid")


def masked_identity(number: str) -> str:
    """Return an identity number with birthday and sequence hidden: ``320505********1234``."""
    return f"{number[:6]}********{number[-4:]}"


def roles_open_to(kind: str) -> frozenset[Role]:
    """Return the roles a member of this kind of organisation may hold."""
    if kind == OrganisationKind.ENTERPRISE:
        prefix = "ENTERPRISE_"
    elif kind in INSTITUTION_KINDS or kind == OrganisationKind.FUND:
        prefix = "INSTITUTION_"
    elif kind == OrganisationKind.OPERATOR:
        prefix = "OPERATOR"
    elif kind in {OrganisationKind.REGULATOR, OrganisationKind.DEPARTMENT}:
        prefix = f"{kind}_"
    else:
        return frozenset()
    return frozenset(role for role in Role if role.startswith(prefix))


def normal_phone(text: str) -> str:
    """Return a telephone number without spaces and hyphens, empty for none. Raises Refusal where it is none."""
    number = text.replace(" ", "").replace("-", "")
    if number and not _TELEPHONE.fullmatch(number):
        raise Refusal("电话号码格式不正确", field="phone", remedy="填 7 至 15 位数字，可以 + 开头")
    return number
