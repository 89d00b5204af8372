"""What people do with a promise from its page: steps of either side, contesting, following."""

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from itsdangerous import BadSignature

from civic.complaints.filing_views import LINK_LIVES, prove, signer
from civic.complaints.forms import ButtonForm, EmailForm
from civic.complaints.letter_links import ends_letters
from civic.complaints.uploads import keep_photos
from civic.core.clock import utc_now
from civic.core.errors import InputRefused
from civic.extensions import db
from civic.promises import following, service
from civic.promises.acting import ACTS, STEPS, form_for, possible, take
from civic.promises.blueprint import bp, load
from civic.promises.forms import StepForm, warned_of
from civic.promises.models import Promise
from civic.promises.states import WORDING_DAYS
from civic.web.access import allow, current_actor, public, reachable_as_applicant
from civic.web.errors import message, on_form
from civic.web.locale import language

#: Refusals that are no mistake in a field: they stand on top of the form, and what was typed stays.
_TOLD = (service.WordingTermPassed, service.PromiseDayPassed, service.PromiseDayNotPassed, service.ContestTermPassed, service.ContestedBefore,
         service.HistoryFull, service.StepNotPossible)


@bp.route(f"/promises/<number>/{STEPS}", methods=["GET", "POST"])
@allow(reachable_as_applicant)
def step(number: str, step: str) -> ResponseReturnValue:
    """One step; what was typed is kept when it is refused."""
    promise, actor, now, status = load(number), current_actor(), utc_now(), 200
    back, form = url_for("promises.page", number=promise.number), form_for(step, promise)
    personal = warned_of(form, form.text.data, form.words.data if "words" in form else "")
    if form.sent() and not personal:
        try:
            _take(promise, step, form)
            flash(gettext("It is on the record now. Everybody concerned is told."), "success")
            return redirect(back, 303)
        except InputRefused as error:
            on_form(form, error)
        except _TOLD as error:
            form.form_errors = [*form.form_errors, message(error)]
        except service.PromiseChangedMeanwhile:
            status = 409
    form.version.data = str(promise.version)
    if request.method == "GET" and step not in possible(promise, actor, now):
        return _not_now(promise, step, back)
    return render_template("promises/act.html", form=form, personal=personal, act=ACTS[step], p=promise, changed=status == 409, back=back, max_text=service.MAX_TEXT,
                           max_words=service.MAX_WORDS), status if status != 200 else 422 if form.errors or personal else 200


def _take(promise: Promise, step: str, form: StepForm) -> None:
    session, now, settings = db.session(), utc_now(), current_app.settings  # type: ignore[attr-defined]
    service.lock(session, promise, form.seen())
    photos = keep_photos(session, settings.media, form.photos.data or (), now, private=False) if form.photos else []
    session.flush()
    take(session, promise, current_actor(), now, step, form, form.evidence([photo.id for photo in photos]))


def _not_now(promise: Promise, step: str, back: str) -> ResponseReturnValue:
    """Whoever comes too late for the wording is told so, with what is still possible."""
    actor = current_actor()
    if step in ("confirm", "dispute") and actor.works_for(promise.body_id):
        flash(message(service.WordingTermPassed(number=promise.number, days=WORDING_DAYS)), "warning")
        return redirect(url_for("promises.step", number=promise.number, step="state"), 303)
    return redirect(back, 303)


@bp.route("/promises/<number>/<any(follow, unfollow):what>", methods=["GET", "POST"])
@public
def join(number: str, what: str) -> ResponseReturnValue:
    """Be told of each step, or no more. Without a proven address a letter with a button comes first."""
    promise, actor, back = load(number), current_actor(), url_for("promises.page", number=number)
    if what == "unfollow" and actor.contact_id is None:  # without an account the way is the link under each letter
        return redirect(back, 303)
    form = EmailForm() if actor.contact_id is None else ButtonForm()
    if form.sent():
        if actor.contact_id is None:
            try:
                following.ask_to_follow(db.session(), promise, form.email.data, language(), utc_now())
            except InputRefused as error:
                on_form(form, error)
                return render_template("promises/join.html", form=form, what=what, p=promise, back=back), 422
            flash(gettext("One more press: we have sent a letter with a button to %(email)s.", email=form.email.data), "success")
        elif what == "follow":
            following.follow(db.session(), promise, actor.contact_id, utc_now())
            flash(gettext("We will write to you at each step."), "success")
        else:
            following.unfollow(db.session(), promise, actor.contact_id)
            flash(gettext("We will not write to you about this promise any more."), "success")
        return redirect(back, 303)
    return render_template("promises/join.html", form=form, what=what, p=promise, back=back), 422 if form.errors else 200


@bp.route("/promises/confirm-following/<token>", methods=["GET", "POST"])
@public
def confirm_following(token: str) -> ResponseReturnValue:
    """The button of the letter."""
    try:
        number, email, locale = signer("promise-following").loads(token, max_age=LINK_LIVES)
    except BadSignature:
        return render_template("filing/link_failed.html"), 410
    promise, form = load(number), ButtonForm()
    if form.sent():
        following.follow(db.session(), promise, prove(email, locale).id, utc_now())
        flash(gettext("Thank you. We will write to you at each step."), "success")
        return redirect(url_for("promises.page", number=number), 303)
    return render_template("promises/join.html", form=form, what="follow", p=promise, back=url_for("promises.page", number=number))


@bp.route("/promises/unfollow/<token>", methods=["GET", "POST"])
@public
@ends_letters("promise-unfollow")
def unfollow_by_letter(number: str, contact_id: int, *, done: bool) -> ResponseReturnValue:
    """The link under every letter."""
    promise = load(number)
    if done:
        following.unfollow(db.session(), promise, contact_id)
    return render_template("promises/unfollow.html", p=promise, done=done)
