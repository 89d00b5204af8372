"""The projector's view of a room, and what all its views ask for again and again."""

from dataclasses import asdict

import segno
from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from civic.core.clock import utc_now
from civic.questions import asking, queries, rooms
from civic.questions.live import delta, encoded, poll, room_state
from civic.questions.phone_views import load
from civic.questions.states import State
from civic.questions.wording import items
from civic.web.access import public
from civic.web.headers import SHARED
from civic.web.locale import LANG, language
from civic.web.reading import reading

bp = Blueprint("room_screen", __name__, url_prefix=f"/{LANG}/room")
#: Questions below the one that is being answered.
NEXT = 5


@bp.get("/<code>/screen")
@public
def screen(code: str) -> ResponseReturnValue:
    """What the hall sees: the question that is being answered, the next ones, a poll, how to join."""
    session, room = reading(), load(code)
    rows = items([r for r in queries.whole(session, room.id, everything=False) if r.state == State.SHOWN], room.event.city.timezone)
    target = current_app.settings.public_url + url_for("short.short_address", code=room.code)  # type: ignore[attr-defined]
    now_answering = next((row for row in rows if row.answering), None)
    return render_template(
        "questions/screen.html", room=room, event=room.event, state=room_state(room, utc_now()), current=now_answering,
        following=[row for row in rows if row is not now_answering][:NEXT], next_count=NEXT,
        polls=[p for p in (poll(row) for row in queries.polls(session, room.id)) if p["screen"]],
        qr=segno.make(target, micro=False, error="m").svg_data_uri(scale=10, border=1, dark="#083f52"), address=target.split("//", 1)[1])


def version_asked() -> int:
    """``v`` of the address; 0, which is no version, for nonsense."""
    value = request.args.get("v", "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else 0


@bp.get("/<code>/live.json")
@public
def live(code: str) -> ResponseReturnValue:
    """What changed since version ``v``; the same for all, so that it is drawn once a second at most for however many."""
    session, room = reading(), load(code)
    etag = f"{room.version}-{language()}"
    response = Response(encoded(delta(session, room, version_asked(), utc_now())), mimetype="application/json")
    response.set_etag(etag)
    response.headers["Cache-Control"] = SHARED
    return response.make_conditional(request)


@bp.get("/<code>/similar.json")
@public
def similar(code: str) -> ResponseReturnValue:
    """Questions like the one that somebody is typing (``q``), as far as everybody may read them, while questions are taken. It looks at no
    session and is kept nowhere: what is typed was not sent yet."""
    session, room = reading(), load(code)
    found = asking.similar_shown(session, room, request.args.get("q", "")) if rooms.takes_questions(room, utc_now()) else []
    response = Response(encoded({"questions": [asdict(i) for i in items(found, room.event.city.timezone)]}), mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
