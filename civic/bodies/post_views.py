"""Posts: who is an official or a head of a body, a moderator of a city, an administrator."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from civic.accounts import posts as accounts
from civic.accounts.models import Membership
from civic.bodies import reference
from civic.bodies.blueprint import administrators_only, bp, chosen_city
from civic.bodies.forms import ROLE_WORDS, ButtonForm, PostForm
from civic.complaints.queries import has_open
from civic.core.actor import RoleName
from civic.core.clock import utc_now
from civic.core.errors import InputRefused
from civic.extensions import db
from civic.places.models import City
from civic.web.access import current_actor
from civic.web.errors import on_form
from civic.web.locale import local_name


@bp.route("/posts", methods=["GET", "POST"])
@administrators_only
def posts() -> ResponseReturnValue:
    """Who holds a post in a city now, and a form to give one."""
    session = db.session()
    city, cities = chosen_city(session)
    form = PostForm()
    form.offer(session, city)
    if form.sent() and _given(form, city):
        return redirect(url_for(".posts", city=city.code), 303)
    page = render_template("admin/posts.html", chosen=city, cities=cities, form=form, roles=ROLE_WORDS,
                           posts=accounts.current_posts(session, city.id),
                           bodies={b.id: local_name(b.name) for b in reference.all_bodies(session, city)})
    return page, 422 if form.errors else 200


def _given(form: PostForm, city: City) -> bool:
    try:
        accounts.give(db.session(), form.email.data, RoleName(form.role.data), current_actor().user_id, utc_now(),
                      body_id=form.body_id.data, city_id=city.id, title=form.title.data or "")
    except InputRefused as error:
        on_form(form, error)
        return False
    flash(gettext("Saved."), "success")
    return True


@bp.route("/posts/<int:post_id>/end", methods=["GET", "POST"])
@administrators_only
def end_post(post_id: int) -> ResponseReturnValue:
    """End a post, by a button."""
    session = db.session()
    post = session.get(Membership, post_id) or abort(404)
    form = ButtonForm()
    if form.sent():
        try:
            accounts.end(session, post, current_actor().user_id, utc_now(), has_open=has_open(session, post.body_id))
            flash(gettext("Saved."), "success")
            return redirect(url_for(".posts"), 303)
        except InputRefused as error:
            on_form(form, error)
    return render_template("admin/post_end.html", form=form, post=post, role=ROLE_WORDS[post.role]), 422 if form.errors else 200
