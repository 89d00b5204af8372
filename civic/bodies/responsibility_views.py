"""Who answers for what in a city: the whole list, one category's rows, and a question to try it."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from civic.accounts.queries import has_officials
from civic.bodies import reference
from civic.bodies.blueprint import administrators_only, bp, chosen_city
from civic.bodies.forms import AssignForm, WhoForm, assign_form, category_choices, choices
from civic.bodies.models import Category
from civic.bodies.queries import default_body, who_answers
from civic.bodies.service import assign
from civic.core.clock import utc_now
from civic.extensions import db
from civic.places.models import City
from civic.web.access import current_actor
from civic.web.errors import MESSAGES
from civic.web.locale import local_name

RULES = {
    1: _l("by the row of this category in this district"), 2: _l("by the row of this category for the whole city"),
    3: _l("by the row of the upper category in this district"), 4: _l("by the row of the upper category for the whole city"),
    5: _l("because nobody else does: the city falls back on it"),
}


@bp.route("/responsibilities")
@administrators_only
def responsibilities() -> ResponseReturnValue:
    """Category → body, by district; and the question who answers."""
    session = db.session()
    city, cities = chosen_city(session)
    lines, districts = reference.responsibilities(session, city), reference.all_districts(session, city)
    question = WhoForm(request.args)
    question.category.choices = category_choices(line.category for line in lines)
    question.district.choices = choices(districts, _l("not known"))
    category = session.get(Category, question.category.data) if question.category.data else None
    answer = who_answers(session, city, category, question.district.data) if category and question.validate() else None
    return render_template("admin/responsibilities.html", chosen=city, cities=cities, lines=lines, question=question,
                           district_names={d.id: local_name(d.name) for d in districts}, answer=answer, in_use=sum(d.active for d in districts),
                           asked=category, rule=RULES[answer.rule] if answer else "",
                           instead=default_body(session, city) if answer and not has_officials(session, answer.body.id) else None)


@bp.route("/responsibilities/<int:category_id>", methods=["GET", "POST"])
@administrators_only
def responsibility(category_id: int) -> ResponseReturnValue:
    """Who answers for one category in a city, everywhere and in each district."""
    session = db.session()
    city, _ = chosen_city(session)
    line = next((x for x in reference.responsibilities(session, city) if x.category.id == category_id), None) or abort(404)
    form = assign_form(session, city, line)
    if form.sent() and _assigned(form, city, line):
        return redirect(url_for(".responsibilities", city=city.code), 303)
    page = render_template("admin/responsibility.html", chosen=city, line=line, form=form,
                           fields=[f for f in form if f.name.startswith("body_")])
    return page, 422 if form.errors else 200


def _assigned(form: AssignForm, city: City, line: reference.Line) -> bool:
    if form.seen.data != form.present:
        form.form_errors.append(str(MESSAGES["changed_meanwhile"]))
        form.seen.data = form.present
        return False
    assign(db.session(), city, line.category.id, form.wanted(), current_actor().user_id, utc_now())
    flash(gettext("Saved."), "success")
    return True
