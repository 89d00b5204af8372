"""A presenter's pages behind the link of the letter: slides, their order, rehearsal."""

import os
import re

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from civic.complaints.uploads import chosen
from civic.core.clock import utc_now
from civic.core.errors import InputRefused
from civic.events.forms import ButtonForm
from civic.events.states import EventState
from civic.events.wording import when_words
from civic.extensions import db
from civic.media.service import MAX_BYTES, inspect, take_in
from civic.stage import service
from civic.stage.forms import SlidesForm
from civic.stage.models import Talk
from civic.stage.pdf import SLIDES
from civic.stage.queries import by_token
from civic.stage.wording import SECONDS, problem_of, shown, state_of
from civic.web.access import public
from civic.web.errors import on_form
from civic.web.locale import LANG
from civic.web.navigation import use_city

bp = Blueprint("presenter", __name__, url_prefix=f"/{LANG}/talk/<token>")
NUMBER = re.compile(r"\d{1,4}(?:[.,]\d{1,3})?", re.ASCII)


def load(token: str) -> Talk:
    """The talk of the link. 404 when it is no link, or the evening was called off."""
    talk = by_token(db.session(), token)
    if talk is None or talk.event.state == EventState.CANCELLED:
        abort(404)
    use_city(talk.event.city)
    return talk


@bp.route("/", methods=["GET", "POST"])
@public
def slides(token: str) -> ResponseReturnValue:
    """What is there, and more of it: pictures go to the end, a PDF takes the place of everything."""
    talk = load(token)
    form = SlidesForm()
    if form.sent():
        try:
            _keep(talk, form)
            return redirect(url_for(".slides", token=token), 303)
        except InputRefused as error:
            on_form(form, error)
    event = talk.event
    return render_template("stage/slides.html", talk=talk, event=event, here=event.city, form=form, state=state_of(talk), problem=problem_of(talk),
                           room=SLIDES - len(talk.slides), all=SLIDES, seconds=SECONDS, max_bytes=MAX_BYTES,
                           when=when_words(event.starts_at, event.ends_at, event.city.timezone)), 422 if form.errors else 200


def _keep(talk: Talk, form: SlidesForm) -> None:
    now, root = utc_now(), current_app.settings.media  # type: ignore[attr-defined]
    if form.pdf.data:
        stream = form.pdf.data.stream
        size = stream.seek(0, os.SEEK_END)
        stream.seek(0)
        service.keep_pdf(db.session(), root, talk, stream, size, now)
        return
    pictures = chosen(form.photos.data)
    if not pictures:
        raise InputRefused("photos", "slides_missing")
    for picture in pictures:
        inspect(picture.stream, picture.filename or "")
    if len(talk.slides) + len(pictures) > SLIDES:
        raise InputRefused("photos", "too_many_slides", limit=SLIDES, there=len(talk.slides))
    service.add_slides(db.session(), talk, [take_in(db.session(), root, picture.stream, now, private=False) for picture in pictures])


@bp.post("/order")
@public
def order(token: str) -> ResponseReturnValue:
    """Save the order by the numbers typed, and take out what is ticked. Numbers that are none change nothing."""
    talk = load(token)
    if ButtonForm().sent():
        ids = {s.id for s in talk.slides}
        service.remove_slides(db.session(), talk, {i for i in ids if f"out-{i}" in request.form}, utc_now())
        typed = {i: request.form.get(f"place-{i}", "").strip() for i in ids}
        service.reorder(db.session(), talk, {i: float(words.replace(",", ".")) for i, words in typed.items() if NUMBER.fullmatch(words)})
        flash(gettext("Saved."), "success")
    return redirect(url_for(".slides", token=token), 303)


@bp.get("/rehearse")
@public
def rehearse(token: str) -> ResponseReturnValue:
    """The talk alone, by the clock."""
    talk = load(token)
    return render_template("stage/show.html", event=talk.event, here=talk.event.city, talks=[shown(talk)], seconds=SECONDS,
                           back=url_for(".slides", token=token))
