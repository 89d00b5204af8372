"""Whose voice a request speaks with: a proven address, a ticket's link opened here, or the mark of the device."""

import hashlib
import hmac
import secrets
from datetime import datetime

from flask import Response, current_app, request, session

from civic.extensions import db
from civic.questions import rooms
from civic.questions.models import Participant, Room
from civic.questions.rooms import Who
from civic.web.access import current_actor

LIVES = 400 * 24 * 3600


def who(room: Room) -> Who:
    """Who asks, as far as it is known."""
    contact_id = current_actor().contact_id or session.get("rooms", {}).get(str(room.id))
    return Who(contact_id, hashed(request.cookies.get(cookie_name(), "")), _address(room))


def _address(room: Room) -> str:
    """A keyed hash of where the request comes from: tells addresses apart within one room, and says nothing of them."""
    said = f"{room.id}:{request.remote_addr}".encode()
    return hmac.new(str(current_app.secret_key).encode(), said, "sha256").hexdigest()[:16]


def new_mark() -> str:
    """A random mark of a device."""
    return secrets.token_hex(16)


def cookie_name() -> str:
    """The name of the mark's cookie: over TLS for this host alone, as that of the session."""
    return "__Host-room_device" if _secure() else "room_device"


def _secure() -> bool:
    return bool(current_app.settings.secure)  # type: ignore[attr-defined]


def keep_mark(response: Response, mark: str) -> None:
    """Give the browser its mark, by which it is known again."""
    response.set_cookie(cookie_name(), mark, max_age=LIVES, httponly=True, samesite="Lax", secure=_secure())


def hashed(mark: str) -> str | None:
    """What is stored of a mark; None for what is none."""
    return hashlib.sha256(mark.encode()).hexdigest() if len(mark) == 32 and mark.isalnum() else None


def voice(room: Room) -> Participant | None:
    """The visitor's voice in the room, when there is one already."""
    return rooms.find(db.session(), room, who(room))


def standing(room: Room, now: datetime) -> str:
    """``in``: takes part; ``join``: may come in by pressing a button; ``out``: neither registered nor in the room yet."""
    here = who(room)
    if rooms.may_come_in(db.session(), room, here.contact_id) or rooms.find(db.session(), room, here) is not None:
        return "in"
    return "join" if rooms.doors_open(room, now) else "out"
