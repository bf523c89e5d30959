"""Credit codes for firms whose real one is not known: valid in form, impossible as an address."""

from stdnum.cn import uscc

# 91: an enterprise registered with the market regulator. 992020: GB/T 2260 gives no division a number from 99.
PREFIX = "91992020"
_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def made_up_credit_code(number: int) -> str:
    """Return the credit code of firm ``number`` (0–99,999,999); the same number always gives the same code.

    Both check digits are right: of the organisation code (GB 11714) and of the whole (GB 32100).
    """
    body = f"{number:08d}"
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True)) % 11
    own_check = {10: "X", 11: "0"}.get(rest, str(rest))
    seventeen = PREFIX + body + own_check
    return seventeen + str(uscc.calc_check_digit(seventeen))


def is_made_up(credit_code: str) -> bool:
    """Return whether the code was made by :func:`made_up_credit_code`."""
    return credit_code.startswith(PREFIX)
