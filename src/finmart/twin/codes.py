"""Made-up but valid credit codes: the right check digit, in a block no registry has issued."""

from stdnum.cn import uscc

# 9 = market regulator, 1 = enterprise, 320599 = no district of Suzhou has this number.
_PREFIX = "91320599"


def made_up_credit_code(serial: int) -> str:
    """Return the credit code of a sample organisation; the same serial gives the same code."""
    body = f"{_PREFIX}EX{serial:07d}"
    return f"{body}{uscc.calc_check_digit(body)}"
