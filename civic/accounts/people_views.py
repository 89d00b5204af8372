"""A head's page «People of the body»: who works there, who is invited, who leaves and to whom the work goes."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from civic.accounts import handover, invited, posts
from civic.accounts.forms import ButtonForm
from civic.accounts.invited import Offer
from civic.accounts.invited_views import invite_and_send
from civic.accounts.models import Membership
from civic.accounts.post_forms import InviteForm, LeaveForm
from civic.accounts.post_models import PostInvitation
from civic.accounts.post_rules import heads_a_body, may_end, may_invite
from civic.bodies.forms import ROLE_WORDS
from civic.bodies.models import Body
from civic.core.actor import Actor, RoleName
from civic.core.clock import utc_now
from civic.core.codes import row_id
from civic.core.errors import InputRefused
from civic.extensions import db
from civic.web.access import allow, current_actor, sensitive
from civic.web.errors import on_form
from civic.web.locale import LANG
from civic.web.navigation import Link

bp = Blueprint("people", __name__, url_prefix=f"/{LANG}/desk/people")
heads_only = allow(heads_a_body, hidden=True)


def way_of_heads(actor: Actor) -> Link | None:
    """The link of a head in the header."""
    return Link(url_for("people.index"), gettext("People of the body")) if heads_a_body(actor) else None


def _chosen() -> tuple[Body, list[Body]]:
    """The body that ``?body=`` names, by default the first one, and all bodies that the reader heads. 404 for others."""
    actor = current_actor()
    mine = [db.session.get_one(Body, body_id) for body_id in sorted(actor.body_ids) if actor.heads(body_id)]
    wanted = request.args.get("body")
    return next((b for b in mine if wanted is None or b.id == row_id(wanted)), None) or abort(404), mine


@bp.route("/", methods=["GET", "POST"])
@heads_only
@sensitive
def index() -> ResponseReturnValue:
    """Who works in the body, who is invited, and a form to invite one more."""
    session, actor, now = db.session(), current_actor(), utc_now()
    body, mine = _chosen()
    form = InviteForm()
    if form.sent():
        offer = Offer(RoleName.OFFICIAL, body_id=body.id, title=form.title.data or "")
        try:
            invite_and_send(lambda: invited.invite(session, actor, now, form.email.data, offer), form.email.data)
            flash(gettext("The letter is on its way. The link in it works for 7 days."), "success")
            return redirect(url_for(".index", body=body.id), 303)
        except InputRefused as error:
            on_form(form, error)
    people = [(post, ROLE_WORDS[post.role], sum(handover.in_hand(session, body.id, post.user_id).values()), _may_remove(actor, post))
              for post in posts.posts_of_body(session, body.id)]
    page = render_template("desk/people.html", body=body, bodies=mine, form=form, people=people, button=ButtonForm(),
                           waiting=[(row, ROLE_WORDS[RoleName(row.role)], may_invite(actor, row))
                                    for row in invited.pending(session, now, body_id=body.id)])
    return page, 422 if form.errors else 200


def _may_remove(actor: Actor, post: Membership) -> bool:
    return may_end(actor, post) and post.user_id != actor.user_id


@bp.route("/<int:post_id>/remove", methods=["GET", "POST"])
@heads_only
@sensitive
def remove(post_id: int) -> ResponseReturnValue:
    """Take an official out of the body; the open work goes to a colleague or back to the body."""
    session, actor = db.session(), current_actor()
    post = posts.post_in(session, post_id, actor.body_ids)
    if post is None or not _may_remove(actor, post):
        abort(404)
    form = LeaveForm().offer(handover.successors(session, post))
    if form.sent():
        try:
            posts.end(session, post, actor, utc_now(), to_id=form.to_id.data)
            flash(gettext("%(name)s cannot act for the body any more.", name=post.user.name or post.user.email), "success")
            return redirect(url_for(".index", body=post.body_id), 303)
        except InputRefused as error:
            on_form(form, error)
    page = render_template("desk/person_leaves.html", form=form, post=post, role=ROLE_WORDS[post.role],
                           count=sum(handover.in_hand(session, post.body_id or 0, post.user_id).values()))
    return page, 422 if form.errors else 200


@bp.post("/invitations/<int:invitation_id>/withdraw")
@heads_only
def withdraw(invitation_id: int) -> ResponseReturnValue:
    """Take an invitation back."""
    session, actor = db.session(), current_actor()
    row = session.get(PostInvitation, invitation_id)
    if row is None or not actor.heads(row.body_id) or not may_invite(actor, row):
        abort(404)
    if ButtonForm().sent():
        invited.withdraw(session, row, actor, utc_now())
        flash(gettext("The invitation is withdrawn: its link does not work any more."), "success")
    return redirect(url_for(".index", body=row.body_id), 303)
