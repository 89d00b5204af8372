"""A challenge that costs a browser about a second and a script as much for each try: ALTCHA's proof of work, hosted here.

The browser looks for a number whose SHA-256 together with the challenge begins with ``PREFIX``; ``static/src/js/proof.js`` does it.
"""

import base64
import json
from datetime import datetime, timedelta

import altcha
from sqlalchemy.orm import Session

from civic.limits.service import take_proof

FIELD = "altcha"
LIVES = timedelta(minutes=10)
#: 16 bits: 65,536 tries on average.
PREFIX = "0000"


def challenge(secret: str, kind: str, now: datetime) -> str:
    """A new challenge as JSON. kind: what it is asked for; it answers nothing else."""
    made = altcha.create_challenge("SHA-256", 1, key_prefix=PREFIX, expires_at=now + LIVES, data={"kind": kind}, hmac_secret=secret)
    return json.dumps(made.to_dict())


def solve(asked: str) -> str:
    """The answer, as the browser's script finds it: for tests, and for measuring."""
    made = altcha.Challenge.from_dict(json.loads(asked))
    found = altcha.solve_challenge(made)
    assert found is not None
    return altcha.Payload(made, found).to_base64()


def accepted(session: Session, secret: str, kind: str, answer: str, now: datetime) -> bool:
    """Whether ``answer`` solves a challenge of ours for ``kind`` that is neither expired nor used. Uses it up."""
    if not answer or len(answer) > 4000 or not altcha.verify_solution(answer, secret).verified:
        return False
    asked = json.loads(base64.b64decode(answer))["challenge"]
    return asked["parameters"].get("data") == {"kind": kind} and take_proof(session, str(asked["signature"])[:64], now + LIVES)
