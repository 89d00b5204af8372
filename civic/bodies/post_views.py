"""Posts: who is an official or a head of a body, moderator of a city, administrator; and letters that offer one."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from civic.accounts import handover, invited, posts
from civic.accounts.invited import Offer
from civic.accounts.invited_views import invite_and_send
from civic.accounts.models import Membership
from civic.accounts.post_forms import LeaveForm
from civic.accounts.post_models import PostInvitation
from civic.bodies import reference
from civic.bodies.blueprint import administrators_only, bp, chosen_city
from civic.bodies.forms import ROLE_WORDS, ButtonForm, PostForm
from civic.core.clock import utc_now
from civic.core.errors import InputRefused
from civic.extensions import db
from civic.places.models import City
from civic.web.access import current_actor, sensitive
from civic.web.errors import on_form
from civic.web.locale import local_name


@bp.route("/posts", methods=["GET", "POST"], endpoint="posts")
@administrators_only
@sensitive
def list_posts() -> ResponseReturnValue:
    """Who holds a post in a city now, who is invited to one, and a form to invite somebody."""
    session = db.session()
    city, cities = chosen_city(session)
    form = PostForm()
    form.offer(session, city)
    if form.sent() and _invited(form, city):
        return redirect(url_for(".posts", city=city.code), 303)
    page = render_template("admin/posts.html", chosen=city, cities=cities, form=form, roles=ROLE_WORDS, button=ButtonForm(),
                           posts=posts.current_posts(session, city.id), waiting=invited.pending_in_city(session, utc_now(), city.id),
                           bodies={b.id: local_name(b.name) for b in reference.all_bodies(session, city)})
    return page, 422 if form.errors else 200


def _invited(form: PostForm, city: City) -> bool:
    session, actor = db.session(), current_actor()
    offer = Offer(form.role.data, body_id=form.body_id.data, city_id=city.id, title=form.title.data or "")
    try:
        invite_and_send(lambda: invited.invite(session, actor, utc_now(), form.email.data, offer), form.email.data)
    except InputRefused as error:
        on_form(form, error)
        return False
    flash(gettext("The letter is on its way. The link in it works for 7 days."), "success")
    return True


@bp.post("/posts/invitations/<int:invitation_id>/withdraw")
@administrators_only
def withdraw_post(invitation_id: int) -> ResponseReturnValue:
    """Take an invitation to a post back."""
    session = db.session()
    row = session.get(PostInvitation, invitation_id)
    if row is None or row.organisation_id is not None:
        abort(404)
    if ButtonForm().sent():
        invited.withdraw(session, row, current_actor(), utc_now())
        flash(gettext("The invitation is withdrawn: its link does not work any more."), "success")
    return redirect(url_for(".posts"), 303)


@bp.route("/posts/<int:post_id>/end", methods=["GET", "POST"])
@administrators_only
@sensitive
def end_post(post_id: int) -> ResponseReturnValue:
    """End a post; what its holder has in hand goes to a colleague or back to the body."""
    session = db.session()
    post = session.get(Membership, post_id) or abort(404)
    form: LeaveForm | ButtonForm = LeaveForm().offer(handover.successors(session, post)) if post.body_id is not None else ButtonForm()
    if form.sent():
        try:
            posts.end(session, post, current_actor(), utc_now(), to_id=form.to_id.data if isinstance(form, LeaveForm) else None)
            flash(gettext("Saved."), "success")
            return redirect(url_for(".posts"), 303)
        except InputRefused as error:
            on_form(form, error)
    count = sum(handover.in_hand(session, post.body_id, post.user_id).values()) if post.body_id is not None else 0
    page = render_template("admin/post_end.html", form=form, post=post, role=ROLE_WORDS[post.role], count=count)
    return page, 422 if form.errors else 200
