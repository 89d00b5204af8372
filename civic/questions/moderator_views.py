"""The moderator's view of a room: the queue, one press per step, polls."""

from typing import Any

from flask import Blueprint, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from civic.bodies.models import Body
from civic.core.clock import utc_now
from civic.core.errors import DomainError, InputRefused, NotFound
from civic.events.queries import by_code
from civic.events.rules import may_organise
from civic.extensions import db
from civic.questions import asking, polls, queries, rooms, rules, service, voting
from civic.questions.forms import (
    ButtonForm,
    HandOverForm,
    MergeForm,
    PollForm,
    PressForm,
    RecordingForm,
)
from civic.questions.live import delta, poll, room_state
from civic.questions.models import Poll, Question, Room
from civic.questions.pressing import press
from civic.questions.screen_views import version_asked
from civic.questions.states import ENDS, HiddenReason, State
from civic.questions.wording import (
    BLANK,
    POLL_WORDS,
    REASON_WORDS,
    clock_time,
    item,
    items,
    said,
)
from civic.web.access import allow, current_actor, signed_in
from civic.web.errors import message, on_form
from civic.web.locale import LANG, local_name
from civic.web.navigation import use_city

bp = Blueprint("room_desk", __name__, url_prefix=f"/{LANG}/organise/events")
#: Questions that are offered to be joined with.
MERGE_OFFERS = 30


def load(code: str) -> Room:
    """The room of an event's code, for those who moderate it. 404 for others, and before it is announced."""
    event = by_code(db.session(), code)
    room = queries.room_of(db.session(), event.id) if event is not None else None
    if room is None or not rules.moderates(current_actor(), room):
        raise NotFound(code=code)
    use_city(room.event.city)
    return room


def _question(room: Room, question_id: int) -> Question:
    found = db.session.get(Question, question_id)
    if found is None or found.room_id != room.id:
        abort(404)
    return found


def back(room: Room) -> str:
    """The moderator's view of the room."""
    return url_for("room_desk.page", code=room.event.code)


@bp.get("/<code>/room")
@allow(signed_in)
def page(code: str) -> ResponseReturnValue:
    """The queue with its buttons, and the polls. Before the room is there, one button makes it."""
    event = by_code(db.session(), code)
    if event is not None and may_organise(current_actor(), event) and queries.room_of(db.session(), event.id) is None:
        use_city(event.city)
        return render_template("questions/make_room.html", event=event, form=ButtonForm())
    room = load(code)
    zone, now = room.event.city.timezone, utc_now()
    rows = queries.whole(db.session(), room.id, everything=True)
    by_state: dict[str, Any] = {"waiting": {State.WAITING}, "shown": {State.SHOWN}, "ended": ENDS | {State.FOR_WRITING}, "aside": {State.HIDDEN, State.MERGED}}
    lists = {name: items([r for r in rows if r.state in states], zone) for name, states in by_state.items()}
    return render_template(
        "questions/moderate.html", room=room, event=room.event, lists=lists, counts=queries.counts(db.session(), room.id), state=room_state(room, now),
        polls=[poll(p) for p in queries.polls(db.session(), room.id, everything=True)], poll_words=POLL_WORDS, press=PressForm(), reasons=REASON_WORDS,
        blank=BLANK, organises=may_organise(current_actor(), room.event), suspects=any(g.suspect for g in voting.groups(db.session(), room)))


@bp.post("/<code>/room/make")
@allow(signed_in)
def make(code: str) -> ResponseReturnValue:
    """The room, at once."""
    event = by_code(db.session(), code)
    if event is None or not may_organise(current_actor(), event) or event.announced_at is None:
        raise NotFound(code=code)
    if ButtonForm().sent():
        room = rooms.open_room(db.session(), event, utc_now())
        rooms.record(db.session(), room, "make", current_actor(), utc_now())
    return redirect(url_for("room_desk.page", code=code), 303)


@bp.get("/<code>/room/live.json")
@allow(signed_in)
def live(code: str) -> ResponseReturnValue:
    """What changed, with what only the moderator sees."""
    room = load(code)
    response = jsonify(delta(db.session(), room, version_asked(), utc_now(), everything=True))
    response.set_etag(str(room.version))
    response.headers["Cache-Control"] = "no-store"
    return response.make_conditional(request)


def _step(question: Question, name: str) -> None:
    actor, now, session = current_actor(), utc_now(), db.session()
    if name.startswith("hide:"):
        if name[5:] not in set(HiddenReason):
            abort(404)
        service.hide(session, question, actor, now, reason=HiddenReason(name[5:]))
    elif name in ("pin", "unpin"):
        service.pin(session, question, actor, now, pinned=name == "pin")
    elif name == "answer_live":
        service.answer_live(session, question, actor, now, second=queries.second_of_recording(session, question, now))
    else:
        plain = {"show": service.show, "unhide": service.unhide, "split": service.split, "reopen": service.reopen,
                 "take_up": service.make_current, "put_back": service.let_go}
        if name not in plain:
            abort(404)
        plain[name](session, question, actor, now)


@bp.post("/<code>/room/questions/<int:question_id>")
@allow(signed_in)
def step(code: str, question_id: int) -> ResponseReturnValue:
    """One press on a question."""
    room = load(code)
    return press(back(room) + f"#q{question_id}", lambda: _step(_question(room, question_id), request.form.get("step", "")), refusal=_refusal)


@bp.post("/<code>/room/polls/<int:poll_id>")
@allow(signed_in)
def poll_step(code: str, poll_id: int) -> ResponseReturnValue:
    """One press on a poll."""
    room = load(code)
    held, name = db.session.get(Poll, poll_id), request.form.get("step", "")
    if held is None or held.room_id != room.id or name not in ("open", "close", "discard", "screen", "unscreen"):
        abort(404)

    def act() -> None:
        if name in ("screen", "unscreen"):
            polls.set_screen(db.session(), held, current_actor(), utc_now(), on_screen=name == "screen")
        else:
            polls.take_step(db.session(), held, name, current_actor(), utc_now())

    return press(back(room) + "#polls", act, refusal=_refusal)


def _refusal(error: DomainError) -> str:
    """What another moderator did first is said."""
    return gettext("This step is not possible now: somebody was faster.") if error.code in ("transition_forbidden", "not_allowed") else message(error)


@bp.route("/<code>/room/questions/<int:question_id>/<any(merge, hand_over, recording):what>", methods=["GET", "POST"])
@allow(signed_in)
def choose(code: str, question_id: int, what: str) -> ResponseReturnValue:
    """A step that needs a choice or words: with which to join, which body, where in the recording."""
    room = load(code)
    question = _question(room, question_id)
    form, act = {"merge": _merge, "hand_over": _hand_over, "recording": _recording}[what](room, question)
    if form.sent():
        try:
            act()
            return redirect(back(room) + f"#q{question_id}", 303)
        except InputRefused as error:
            on_form(form, error)
        except DomainError as error:
            form.form_errors = [*form.form_errors, message(error)]
    row = queries.one(db.session(), question.id)
    assert row is not None
    return render_template("questions/choose.html", form=form, what=what, event=room.event, back=back(room),
                           q=item(row, room.event.city.timezone)), 422 if form.errors else 200


def _merge(room: Room, question: Question) -> tuple[MergeForm, Any]:
    form = MergeForm()
    alike = [s.question for s in asking.similar(db.session(), room, question.text)]
    shown = [row for row in queries.whole(db.session(), room.id, everything=False) if row.state == State.SHOWN][:MERGE_OFFERS]
    offered = {q.id: f"{said(q.text)} ({q.votes})" for q in alike if q.state == State.SHOWN} | {r.id: f"{said(r.text)} ({r.votes})" for r in shown}
    form.into.choices = [(str(key), words) for key, words in offered.items() if key != question.id]

    def act() -> None:
        target = db.session.get(Question, int(form.into.data)) if (form.into.data or "") in dict(form.into.choices) else None
        if target is None:
            raise InputRefused("into", "question_elsewhere")
        service.merge(db.session(), question, current_actor(), utc_now(), into=target)

    return form, act


def _hand_over(room: Room, question: Question) -> tuple[HandOverForm, Any]:
    form = HandOverForm(body_id=str(question.body_id or ""))
    bodies = [db.session.get_one(Body, body_id) for body_id in asking.invited_bodies(db.session(), room.event_id)]
    form.body_id.choices = [(str(body.id), local_name(body.name)) for body in bodies]

    def act() -> None:
        if form.body_id.data not in dict(form.body_id.choices):
            raise InputRefused("body_id", "addressee_unknown")
        service.hand_over(db.session(), question, current_actor(), utc_now(), body_id=int(form.body_id.data))

    return form, act


def _recording(room: Room, question: Question) -> tuple[RecordingForm, Any]:
    form = RecordingForm(second=clock_time(question.second) if question.second is not None else "")

    def act() -> None:
        service.set_second(db.session(), question, current_actor(), utc_now(), second=form.second.seconds())

    return form, act


@bp.route("/<code>/room/polls/new", methods=["GET", "POST"])
@allow(signed_in)
def new_poll(code: str) -> ResponseReturnValue:
    """Prepare a poll."""
    room, form = load(code), PollForm()
    if form.sent():
        try:
            polls.prepare(db.session(), room, current_actor(), utc_now(), text=form.text.data or "", options=(form.options.data or "").splitlines(),
                          several=form.several.data)
            return redirect(back(room) + "#polls", 303)
        except InputRefused as error:
            on_form(form, error)
    return render_template("questions/poll.html", form=form, event=room.event, back=back(room), most=polls.MOST_OPTIONS), 422 if form.errors else 200
