"""An organiser's pages: who presents in which order, and the stage itself."""

from collections.abc import Sequence

from flask import Blueprint, abort, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext
from markupsafe import Markup

from civic.core.clock import utc_now
from civic.core.errors import InputRefused
from civic.events.blueprint import load_own
from civic.events.forms import ButtonForm
from civic.events.models import Event
from civic.events.service import lock
from civic.events.wording import when_words
from civic.extensions import db
from civic.notifications.service import ask
from civic.stage import service
from civic.stage.forms import TalkForm
from civic.stage.models import Talk
from civic.stage.queries import talks_of
from civic.stage.wording import SECONDS, shown, state_of
from civic.web.access import allow, signed_in
from civic.web.errors import on_form
from civic.web.locale import LANG, LOCALES, local_name
from civic.web.navigation import Link

bp = Blueprint("stage", __name__, url_prefix=f"/{LANG}/organise/events/<code>/stage")


def offer(event: Event) -> Link | None:
    """The way from the page of an evening of talks, or of any event that has talks already."""
    if event.format != "pechakucha" and not talks_of(db.session(), event.id):
        return None
    return Link(url_for("stage.talks", code=event.code), gettext("Talks and stage"))


def on_event_page(event: Event) -> Markup | str:
    """Who presents what, for everybody."""
    listed = talks_of(db.session(), event.id) if event.format == "pechakucha" else ()
    return Markup(render_template("stage/_on_event.html", talks=listed)) if listed else ""


@bp.route("/", methods=["GET", "POST"])
@allow(signed_in)
def talks(code: str) -> ResponseReturnValue:
    """Who presents in which order; a new one at the end."""
    event = load_own(code)
    form = TalkForm()
    if form.sent():
        try:
            talk = service.add_talk(db.session(), event, utc_now(), presenter=form.presenter.data or "", title=form.title.data or "",
                                    language=form.language.data)
            if form.email.data:
                _write_to(form.email.data, talk, event)
            flash(gettext("The talk is on the list."), "success")
            return redirect(url_for(".talks", code=code), 303)
        except InputRefused as error:
            on_form(form, error)
    rows = [(talk, *state_of(talk), url_for("presenter.slides", token=talk.token, _external=True)) for talk in talks_of(db.session(), event.id)]
    return render_template("stage/talks.html", event=event, here=event.city, form=form, rows=rows, seconds=SECONDS), 422 if form.errors else 200


def _write_to(email: str, talk: Talk, event: Event) -> None:
    """The presenter's link, in the language of the talk."""
    address = current_app.settings.public_url + url_for("presenter.slides", lang=talk.language, token=talk.token)  # type: ignore[attr-defined]
    with force_locale(LOCALES[talk.language]):
        text = "\n\n".join((
            gettext("The organisers of “%(event)s” have you on the list with “%(title)s”.", event=local_name(event.title), title=talk.title),
            when_words(event.starts_at, event.ends_at, event.city.timezone),
            gettext("Put your 20 pictures, or a PDF of 20 pages, on this page. There you can also rehearse: each slide stays for 20 seconds."), address))
        ask(db.session(), email, gettext("Your 20 slides: %(title)s", title=talk.title), text, talk.language, utc_now())


def _named(event: Event, talk_id: int) -> tuple[Sequence[Talk], Talk]:
    lock(db.session(), event)  # before the order is read, which one move at a time changes
    there = talks_of(db.session(), event.id)
    talk = next((t for t in there if t.id == talk_id), None)
    if talk is None or not ButtonForm().sent():
        abort(404)
    return there, talk


@bp.post("/<int:talk_id>/<any(earlier, later):where>")
@allow(signed_in)
def move(code: str, talk_id: int, where: str) -> ResponseReturnValue:
    """One place earlier or later."""
    there, talk = _named(load_own(code), talk_id)
    service.move_talk(db.session(), there, talk, -1 if where == "earlier" else 1)
    return redirect(url_for(".talks", code=code), 303)


@bp.post("/<int:talk_id>/remove")
@allow(signed_in)
def remove(code: str, talk_id: int) -> ResponseReturnValue:
    """Take a talk out, with its slides."""
    there, talk = _named(load_own(code), talk_id)
    service.remove_talk(db.session(), there, talk, utc_now())
    flash(gettext("The talk is off the list."), "success")
    return redirect(url_for(".talks", code=code), 303)


@bp.get("/show")
@allow(signed_in)
def show(code: str) -> ResponseReturnValue:
    """The stage: every talk that has slides, one after another, for the projector."""
    event = load_own(code)
    ready = [shown(t) for t in talks_of(db.session(), event.id) if any(s.photo.state == "ready" for s in t.slides)]
    return render_template("stage/show.html", event=event, here=event.city, talks=ready, seconds=SECONDS, back=url_for(".talks", code=code))
