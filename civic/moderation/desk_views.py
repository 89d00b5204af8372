"""The moderator's desk: the queue, a case with what was found marked, the decision, the second look at an appeal."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from civic.complaints.desk_forms import name_apart
from civic.core.actor import Actor
from civic.core.clock import utc_now
from civic.core.codes import row_id
from civic.core.errors import InputRefused
from civic.core.transitions import TransitionForbidden
from civic.extensions import db
from civic.media.covering import Box
from civic.media.models import Photo
from civic.media.service import SIZES, path_of
from civic.moderation import covers, queries, rules, service, signs
from civic.moderation.codex import CODEX, Reason
from civic.moderation.forms import HideForm, LeaveForm, ResolveForm, VersionForm
from civic.moderation.mend_views import cover_page
from civic.moderation.models import Case
from civic.moderation.sign_words import SIGN_WORDS
from civic.moderation.states import TRANSITIONS
from civic.moderation.subjects import SUBJECTS, Part, Thing, load, titles
from civic.moderation.views import never_cached
from civic.moderation.views import path_of as page_path
from civic.moderation.wording import (
    KIND_WORDS,
    STATE_LOOKS,
    STATE_WORDS,
    act_line,
    kind_word,
    marked_pieces,
    part_label,
    queue_row,
    reason_word,
    words_in,
)
from civic.places.models import City
from civic.web.access import allow, current_actor
from civic.web.errors import on_form
from civic.web.locale import LANG, local_name
from civic.web.navigation import Link

bp = Blueprint("moderation_desk", __name__, url_prefix=f"/{LANG}/moderation")


def way_of_moderators(actor: Actor) -> Link | None:
    """The way in the header of those who moderate."""
    return Link(url_for("moderation_desk.queue"), gettext("Moderation")) if actor.city_ids else None


def load_case(case_id: int) -> Case:
    """The case of the address. 404 for who may neither decide nor look at it."""
    case = db.session.get(Case, case_id)
    if case is None or not rules.may_see_case(current_actor(), case):
        abort(404)
    return case


def _wanted() -> queries.Wanted:
    asked = request.args
    return queries.Wanted(
        asked["kind"] if asked.get("kind") in SUBJECTS else None, asked["sign"] if asked.get("sign") in signs.NAMES else None,
        row_id(asked.get("city", "")), appeals=asked.get("show") == "appeals")


def _kept() -> dict[str, str]:
    return {name: request.args[name] for name in ("kind", "sign", "city", "show") if request.args.get(name)}


def _path_after(case: Case) -> str:
    """Where a decided case leads: to the next one of the same queue, so that twenty are worked through without the list between them."""
    kept: dict[str, Any] = dict(_kept())
    following = queries.following(queries.queue(db.session(), current_actor(), _wanted()), case)
    return url_for("moderation_desk.case", case_id=following.id, **kept) if following else url_for("moderation_desk.queue", **kept)


@bp.get("/")
@allow(rules.moderates_somewhere, hidden=True)
def queue() -> ResponseReturnValue:
    """What waits, the oldest first."""
    session, actor = db.session(), current_actor()
    cases = queries.queue(session, actor, _wanted())
    names = titles(session, ((case.kind, case.key) for case in cases))
    rows = [queue_row(case, _title(case, names.get((case.kind, case.key)))) for case in cases]
    cities = session.scalars(select(City).where(City.id.in_(actor.city_ids)).order_by(City.id)).all()
    kinds = [(kind, word) for kind, word in KIND_WORDS.items() if kind in SUBJECTS]
    return render_template("moderation/queue.html", rows=rows, kept=_kept(), kinds=kinds, signs=SIGN_WORDS.items(), cities=cities)


def _title(case: Case, name: Mapping[str, str] | None) -> str:
    return f"{local_name(dict(name))} · {case.key}" if name is not None else case.key


@bp.get("/<int:case_id>")
@allow(rules.moderates_somewhere, hidden=True)
def case(case_id: int) -> ResponseReturnValue:
    """One case."""
    return _draw(load_case(case_id))


@bp.post("/<int:case_id>/<any(hide, leave, resolve):what>")
@allow(rules.moderates_somewhere, hidden=True)
def decide(case_id: int, what: str) -> ResponseReturnValue:
    """Hide, leave, or the second moderator's decision."""
    case = load_case(case_id)
    thing, city = _loaded(case)
    form: Any = {"hide": lambda: HideForm().offer(thing, city.timezone), "leave": LeaveForm, "resolve": ResolveForm}[what]()
    if form.sent():
        try:
            service.lock(db.session(), case, form.seen())
            _take(case, what, form)
            return redirect(_path_after(case), 303)
        except InputRefused as error:
            on_form(form, error)
        except (service.CaseChangedMeanwhile, TransitionForbidden):
            return _draw(case, form, what, 409)
    return _draw(case, form, what, 422)


def _take(case: Case, what: str, form: Any) -> None:
    session, actor, now = db.session(), current_actor(), utc_now()
    if what == "hide":
        service.hide(session, case, actor, now, parts=form.parts.data or [], reason=form.chosen(), words=form.words.data or "",
                     document=form.document.data or "")
        flash(gettext("Hidden. The author is told why and may appeal; the public log has an entry."), "success")
    elif what == "leave":
        service.leave(session, case, actor, now, words=form.words.data or "")
        flash(gettext("Left as it is."), "success")
    else:
        service.resolve(session, case, actor, now, restore=request.form.get("outcome") == "restore", text=form.text.data or "")
        flash(gettext("Decided. The author is told."), "success")


def _loaded(case: Case) -> tuple[Thing, City]:
    # its author may have removed it meanwhile: nothing is left to hide, and the case can be closed
    thing = load(db.session(), case.kind, case.key) or Thing(case.kind, case.key, case.thing_id, case.city_id, {}, ())
    return thing, db.session.get_one(City, case.city_id)


def _draw(case: Case, sent: VersionForm | None = None, what: str = "", status: int = 200) -> ResponseReturnValue:
    thing, city = _loaded(case)
    actor = current_actor()
    possible = TRANSITIONS.possible(actor, case)
    makers: dict[str, Any] = {"hide": lambda: HideForm(None).offer(thing, city.timezone), "leave": lambda: LeaveForm(None),
                              "restore": lambda: ResolveForm(None)}
    forms = {name: sent if sent is not None and name == {"resolve": "restore"}.get(what, what) else makers[name]()
             for name in makers if name in possible and (thing.parts or name != "hide")}
    for name, form in forms.items():
        name_apart(form, name)
        form.version.data = str(case.version)
    icon, tone = STATE_LOOKS[case.state]
    waiting = queries.queue(db.session(), actor, _wanted())
    return render_template(
        "moderation/case.html", case=case, waiting=len(waiting), following=queries.following(waiting, case), thing=thing, kind=kind_word(case.kind), parts=[_shown(case, p, city) for p in thing.parts],
        forms=forms, kept=_kept(), page=page_path(case.kind, case.key, city), state=STATE_WORDS[case.state], icon=icon, tone=tone,
        flags=[(reason_word(f.reason), part_label(p, city.timezone) if (p := thing.part(f.part)) else "", f.words) for f in case.flags],
        acts=[(act_line(act, city.timezone), act.words) for act in queries.history(db.session(), case.id)], changed=status == 409,
        reason=CODEX[Reason(case.reason)] if case.reason else None, court=Reason.COURT_ORDER, max_words=service.MAX_WORDS), status


def _shown(case: Case, part: Part, city: City) -> dict[str, Any]:
    """A part as a moderator sees it: what the rules found is marked, what is hidden is shown from the case."""
    content = (case.withheld or {}).get(part.name)
    words = "" if part.photo_id else "\n".join(words_in(content)) or part.text
    photo = part.photo_id and url_for("moderation_desk.photo", case_id=case.id, photo_id=part.photo_id, size="large")
    may_cover = part.photo_id is not None and _may_cover(case, db.session.get_one(Photo, part.photo_id))
    pieces = marked_pieces(words or "", current_app.settings.host)  # type: ignore[attr-defined]
    return {"name": part.name, "label": part_label(part, city.timezone), "pieces": pieces, "lang": part.language, "photo": photo,
            "hidden": part.hidden, "cover": url_for("moderation_desk.cover", case_id=case.id, photo_id=part.photo_id) if may_cover else None}


def _photo_of(case: Case, photo_id: str) -> Photo:
    thing, _ = _loaded(case)
    if photo_id not in {part.photo_id for part in thing.parts}:
        abort(404)
    return db.session.get_one(Photo, photo_id)


@bp.get("/<int:case_id>/photo/<string(length=32):photo_id>/<any(large, thumb):size>.jpg")
@allow(rules.moderates_somewhere, hidden=True)
def photo(case_id: int, photo_id: str, size: str) -> ResponseReturnValue:
    """A photo of a case, also a hidden one."""
    row = _photo_of(load_case(case_id), photo_id)
    file = path_of(current_app.settings.media, row.id, size)  # type: ignore[attr-defined]
    if size not in SIZES or not file.exists():
        abort(404)
    response = never_cached(send_file(file, mimetype="image/jpeg"))
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@bp.route("/<int:case_id>/cover/<string(length=32):photo_id>", methods=["GET", "POST"])
@allow(rules.moderates_somewhere, hidden=True)
def cover(case_id: int, photo_id: str) -> ResponseReturnValue:
    """Blacken a face or a number plate, for good."""
    case = load_case(case_id)
    photo = _photo_of(case, photo_id)
    if not _may_cover(case, photo):
        abort(404)

    def cover_boxes(boxes: list[Box]) -> None:
        covers.by_moderator(db.session(), case, photo, current_actor(), utc_now(), boxes)

    return cover_page(photo, cover_boxes, url_for("moderation_desk.case", case_id=case.id),
                      url_for("moderation_desk.photo", case_id=case.id, photo_id=photo_id, size="large"))


def _may_cover(case: Case, photo: Photo) -> bool:
    """A photo that is shown, of a kind of thing whose page can say that it was done, while the case waits."""
    return case.kind in covers.KINDS and photo.state == "ready" and case.state == "open" and rules.may_decide(current_actor(), case)
