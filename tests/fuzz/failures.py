"""What the product logs of its own mistakes."""

import traceback
from typing import Any

import structlog


class Failures:
    """What the product logs with an exception is one that it did not expect."""

    def __init__(self) -> None:
        self.told: list[str] = []
        structlog.configure(processors=[self._grab], logger_factory=structlog.ReturnLoggerFactory(), cache_logger_on_first_use=False)

    def _grab(self, _logger: Any, _method: str, told: Any) -> str:
        if told.get("exc_info"):
            self.told.append("".join(traceback.format_exc().splitlines(keepends=True)[-12:]))
        return str(told)

    def wrong(self, status: int, *, may_be_busy: bool = False) -> str | None:
        """What is wrong with an answer of this status, after all that was logged since the last one."""
        told, self.told = self.told, []
        if told:
            return f"Traceback (its end)\n{told[0]}"
        return f"answered {status}" if status >= 500 and not (status == 503 and may_be_busy) else None
