"""JSON that strangers write."""

import json
from typing import Any


def read_json(text: str | bytes, **options: Any) -> Any:
    """What ``text`` says. Raises ``ValueError`` when it is no JSON, and also when it is nested deeper than this process can follow:
    a hundred thousand brackets take a moment to send."""
    try:
        return json.loads(text, **options)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
