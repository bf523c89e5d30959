"""Checks on names and codes."""

from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from finmart.kit.errors import Refusal


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
