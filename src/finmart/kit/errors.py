"""Refusals: what a caller asked for, why it cannot be, and what to do. Texts are shown to users, in Chinese."""


class Refusal(Exception):
    """An act that the platform will not carry out. Nothing has been changed.

    ``message`` says what is wrong, ``field`` where, ``remedy`` what to do, ``code`` is stable for machines.
    """

    code = "REFUSED"

    def __init__(self, message: str, *, field: str = "", remedy: str = "", code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.remedy = remedy
        if code:
            self.code = code


class AccessDenied(Refusal):
    """The actor may not do this; the attempt is recorded."""

    code = "ACCESS_DENIED"


class NotFound(Refusal):
    """There is no such thing, or none the actor may know of: the answer is the same."""

    code = "NOT_FOUND"


class Conflict(Refusal):
    """Somebody else was faster."""

    code = "CONFLICT"

    def __init__(self, message: str = "该事项已被他人处理", **details: str) -> None:
        super().__init__(message, **details)
