"""Errors of the domain. Each carries a code that ``web.errors`` turns into words and an HTTP status."""


class DomainError(Exception):
    """Base of everything the domain refuses. ``code`` names the message; ``facts`` fill it in."""

    code = "refused"

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code, facts)
        self.facts = facts


class NotAllowed(DomainError):
    """The actor may see the thing but may not do this to it."""

    code = "not_allowed"


class NotFound(DomainError):
    """There is no such thing, or the actor may not know of it."""

    code = "not_found"


class InputRefused(DomainError):
    """One field of what was sent cannot be taken. ``field`` is the form's field name."""

    def __init__(self, field: str, code: str, **facts: object) -> None:
        self.code = code
        super().__init__(**facts)
        self.field = field
