"""Signing in by a letter."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from civic.accounts import links
from civic.accounts.place import secret
from civic.accounts.signing_in import ask_second, enter
from civic.accounts.views import bp
from civic.accounts.way_forms import AskLinkForm, LinkForm
from civic.accounts.ways import Way
from civic.config import Settings
from civic.core.clock import utc_now
from civic.extensions import db
from civic.web.access import public
from civic.web.locale import language


def way(known: Settings) -> Way | None:
    """For the sign-in page."""
    return Way("link", gettext("Get a link by mail"), url_for("accounts.link_ask"))


@bp.route("/link", methods=["GET", "POST"])
@public
def link_ask() -> ResponseReturnValue:
    """Ask for the letter. The answer is the same whether there is an account or not."""
    form = AskLinkForm(next=request.args.get("next", ""))
    if form.sent():
        links.order(db.session(), str(form.email.data), language(), utc_now(), purpose="link", leads_to=form.next.data or "")
        return redirect(url_for("accounts.link_sent"), 303)
    return render_template("accounts/link_ask.html", form=form), 422 if form.errors else 200


@bp.get("/link/sent")
@public
def link_sent() -> ResponseReturnValue:
    """Look into your mail."""
    return render_template("accounts/link_sent.html")


@bp.route("/link/<token>", methods=["GET", "POST"])
@public
def link_use(token: str) -> ResponseReturnValue:
    """The page of the link: its button signs in, once."""
    found = links.person(db.session(), token, secret(), "link")
    if found is None:
        return render_template("accounts/link_failed.html"), 410
    user, leads_to, _ = found
    form = LinkForm()
    if form.sent():
        if not links.use(db.session(), user, token, utc_now()):
            return render_template("accounts/link_failed.html"), 410
        remember = bool(form.remember.data)
        return ask_second(user, "link", remember=remember, leads_to=leads_to) or enter(user, "link", remember=remember, leads_to=leads_to)
    return render_template("accounts/link_use.html", form=form, user=user), 422 if form.errors else 200
