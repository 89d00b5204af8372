"""The official's side: questions that wait for a written answer, with their dates."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from civic.core.clock import utc_now
from civic.core.errors import InputRefused, NotFound
from civic.core.transitions import TransitionForbidden
from civic.extensions import db
from civic.places.queries import work_calendar
from civic.questions import queries, service
from civic.questions.forms import AnswerForm
from civic.questions.models import Question
from civic.questions.rules import may_answer
from civic.questions.states import TRANSITIONS, State
from civic.questions.wording import item, local_today, overdue, path_steps
from civic.web.access import allow, current_actor, works_in_a_body
from civic.web.errors import on_form
from civic.web.locale import LANG
from civic.web.navigation import use_city

bp = Blueprint("questions_desk", __name__, url_prefix=f"/{LANG}/desk/questions")


def load(question_id: int) -> Question:
    """The question of the address, for the body that it was handed to. 404 for others."""
    question = db.session.get(Question, question_id)
    if question is None or question.due_on is None or not may_answer(current_actor(), question):
        raise NotFound(question=question_id)
    use_city(question.room.event.city)
    return question


@bp.get("/")
@allow(works_in_a_body)
def inbox() -> ResponseReturnValue:
    """What is due first; then what was not answered, which may still be; then what was."""
    found = queries.for_desk(db.session(), current_actor().body_ids)
    calendar, now = work_calendar(db.session()), utc_now()
    left = {q.id: calendar.between(local_today(q, now), q.due_on) for q in found if q.due_on}
    lists = [[q for q in found if q.state == state] for state in (State.FOR_WRITING, State.NOT_ANSWERED, State.ANSWERED_IN_WRITING)]
    return render_template("questions/desk.html", waiting=lists[0], missed=lists[1], answered=lists[2], left=left)


@bp.route("/<int:question_id>", methods=["GET", "POST"], endpoint="item")
@allow(works_in_a_body)
def item_page(question_id: int) -> ResponseReturnValue:
    """One question and the form of its answer; what was typed is kept when it is refused."""
    question, form = load(question_id), AnswerForm()
    if form.sent():
        try:
            service.answer_in_writing(db.session(), question, current_actor(), utc_now(), text=form.text.data or "")
            flash(gettext("The answer is public now, and whoever asked is told."), "success")
            return redirect(url_for("questions_desk.item", question_id=question_id), 303)
        except InputRefused as error:
            on_form(form, error)
        except TransitionForbidden:
            form.form_errors = [*form.form_errors, gettext("A colleague has answered it meanwhile. Your text is kept below.")]
    zone, row = question.room.event.city.timezone, queries.one(db.session(), question.id)
    assert row is not None
    return render_template(
        "questions/desk_item.html", q=question, row=item(row, zone), event=question.room.event, form=form, max_answer=service.MAX_ANSWER,
        may="answer_in_writing" in TRANSITIONS.possible(current_actor(), question), over=overdue(question, local_today(question, utc_now())),
        path=path_steps(queries.path(db.session(), question.id), zone)), 422 if form.errors else 200
