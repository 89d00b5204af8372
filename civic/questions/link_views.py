"""The link of the letter that hands a question to a body without accounts: the page of the answer, and the button that makes it public."""

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from itsdangerous import BadSignature

from civic.complaints.filing_views import signer
from civic.core.clock import utc_now
from civic.core.errors import InputRefused
from civic.extensions import db
from civic.invitations.links import HELD_LIVES
from civic.questions import offices, queries, service
from civic.questions.forms import AnswerForm
from civic.questions.models import HeldAnswer, Question
from civic.questions.offices import AnswersByAccounts, Letter, LinkOver, Right
from civic.questions.wording import item, path_steps
from civic.web.access import public
from civic.web.errors import on_form
from civic.web.errors import page as error_page
from civic.web.locale import LANG, moment
from civic.web.navigation import use_city

bp = Blueprint("question_link", __name__, url_prefix=f"/{LANG}/questions")


def _failed() -> ResponseReturnValue:
    return error_page(410, gettext("This link does not work any more"), gettext(
        "It was mistyped, the answer is public already, its term is over, or somebody else answers now. The question stands in public, with all that became of it, on the page of the discussion."))


def _at_the_desk(question_id: int, words: str) -> ResponseReturnValue:
    """The body has accounts by now. words: what was written by the letter, which nobody has to write again."""
    question = db.session.get_one(Question, question_id)
    use_city(question.room.event.city)
    return render_template("questions/office_desk.html", q=question, event=question.room.event, words=words.strip()), 410


def _letter(token: str) -> Letter | None:
    try:
        return Letter(*signer("question-answer").loads(token))
    except BadSignature:
        return None


@bp.route("/link/<token>", methods=["GET", "POST"])
@public
def page(token: str) -> ResponseReturnValue:
    """Whose question it is, and the form of the answer. What is sent is kept aside until the address confirms it."""
    letter, form, now = _letter(token), AnswerForm(), utc_now()
    if letter is None:
        return _failed()
    try:
        given = offices.right(db.session(), letter, now)
        if form.sent():
            offices.hold(db.session(), letter, now, text=form.text.data or "")
            flash(gettext("We have sent a letter with a button to the address of the invitation. The answer is public when it is pressed."), "success")
            return redirect(url_for("question_link.page", token=token, sent=1), 303)
    except AnswersByAccounts:
        return _at_the_desk(letter.question_id, form.text.data or "")
    except LinkOver:
        return _failed()
    except InputRefused as error:
        on_form(form, error)
    return make_response(_drawn(given, letter, form, token), 422 if form.errors else 200)


def _drawn(given: Right, letter: Letter, form: AnswerForm, token: str) -> str:
    question, zone = given.question, given.question.room.event.city.timezone
    use_city(question.room.event.city)
    row, waits = queries.one(db.session(), question.id), offices.waits(db.session(), letter, utc_now())
    assert row is not None
    return render_template(
        "questions/office.html", q=question, row=item(row, zone), event=question.room.event, body=given.invitation.body, form=form, token=token,
        max_answer=service.MAX_ANSWER, waits=moment(waits, zone) if waits else "", sent=request.args.get("sent") == "1",
        path=path_steps(queries.path(db.session(), question.id), zone))


@bp.route("/confirm/<token>", methods=["GET", "POST"])
@public
def confirm(token: str) -> ResponseReturnValue:
    """The button of the second letter: the address says that the answer is its own, or puts another one in its place."""
    try:
        held = db.session.get(HeldAnswer, signer("question-held").loads(token, max_age=int(HELD_LIVES.total_seconds())))
    except BadSignature:
        return _failed()
    if held is None:
        return _failed()
    form, question = AnswerForm(), db.session.get_one(Question, held.question_id)
    use_city(question.room.event.city)
    if request.method != "POST":
        form.text.data = held.text
    try:
        if form.sent():
            offices.confirm(db.session(), held, utc_now(), text=form.text.data or "")
            flash(gettext("The answer is public now, and whoever asked is told."), "success")
            return redirect(url_for("questions.question", question_id=question.id), 303)
        if held.taken_at is None:
            offices.right(db.session(), offices.letter_of(held), utc_now())
    except AnswersByAccounts:
        return _at_the_desk(question.id, form.text.data or "")
    except LinkOver:
        return _failed()
    except InputRefused as error:
        on_form(form, error)
    return make_response(
        render_template("questions/office_confirm.html", form=form, q=question, event=question.room.event, done=held.taken_at is not None,
                        max_answer=service.MAX_ANSWER), 410 if held.taken_at else 422 if form.errors else 200)
