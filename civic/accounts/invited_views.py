"""The letter that offers a post or a right in an organisation, and the page that its link opens."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from flask_security.confirmable import confirm_user
from flask_security.utils import hash_password
from sqlalchemy.orm import Session

from civic.accounts import invited
from civic.accounts.forms import ButtonForm
from civic.accounts.models import User
from civic.accounts.post_forms import NewAccountForm
from civic.accounts.post_models import PostInvitation
from civic.accounts.queries import account_of
from civic.accounts.signing_in import enter
from civic.bodies.forms import ROLE_WORDS
from civic.bodies.models import Body
from civic.core.actor import RoleName
from civic.core.clock import utc_now
from civic.core.errors import InputRefused
from civic.extensions import db, security, user_datastore
from civic.notifications.service import ask, refuse_flood
from civic.places.models import City
from civic.web.access import public
from civic.web.errors import message
from civic.web.locale import LANG, language, local_name

bp = Blueprint("invited", __name__, url_prefix=f"/{LANG}/invited")


def _post_words(session: Session, row: PostInvitation) -> str:
    """«head of the body, Water utility»."""
    role = str(ROLE_WORDS[RoleName(row.role)])
    where = session.get(Body, row.body_id) if row.body_id else session.get(City, row.city_id) if row.city_id else None
    return f"{role}, {local_name(where.name)}" if where is not None else role


#: Says what an invitation offers; the feature that knows organisations puts its own here.
OFFER_WORDS: dict[str, Callable[[Session, PostInvitation], str]] = {"post": _post_words}


def offer_words(session: Session, row: PostInvitation) -> str:
    """What an invitation offers, in the reader's language."""
    return OFFER_WORDS["organisation" if row.organisation_id is not None else "post"](session, row)


def send(session: Session, row: PostInvitation, token: str) -> None:
    """Order the letter, in the language of the page it was ordered on."""
    link = f"{current_app.settings.public_url}{url_for('invited.accept', token=token)}"  # type: ignore[attr-defined]
    text = "\n\n".join((
        gettext("You are invited to Civic as: %(what)s.", what=offer_words(session, row)),
        gettext("Open the page and press the button. If you have no account with this address yet, you make one there:"), link,
        gettext("The link works once, for 7 days, and only for this address. If you do not expect it, do nothing.")))
    ask(session, row.email, gettext("Invitation: %(what)s", what=offer_words(session, row)), text, language(), utc_now())


def invite_and_send(make: Callable[[], tuple[PostInvitation, str]], email: str) -> None:
    """Write an invitation and order its letter. Raises what ``make`` raises, and ``too_many_letters``."""
    session = db.session()
    refuse_flood(session, email, utc_now())
    send(session, *make())


@bp.route("/<token>", methods=["GET", "POST"])
@public
def accept(token: str) -> ResponseReturnValue:
    """What the link of the letter opens."""
    session, now = db.session(), utc_now()
    row = invited.by_token(session, token, hold=request.method == "POST")
    over = invited.ended(row, now) if row is not None else invited.End.EXPIRED
    if row is None or over is not None:
        return render_template("accounts/invited_over.html", end=over), 410
    if not current_user.is_authenticated:
        return _stranger(session, row, token)
    if current_user.email.lower() != row.email:
        return render_template("accounts/invited_other.html", email=current_user.email, leave=ButtonForm()), 403
    form = ButtonForm()
    if form.sent() and _accepted(session, row, current_user._get_current_object(), form):
        return redirect(url_for("accounts.landing"), 303)
    return _page(session, row, form, ask_account=False)


def _stranger(session: Session, row: PostInvitation, token: str) -> ResponseReturnValue:
    """Nobody is signed in: whoever has an account signs in, others make it here."""
    account = account_of(session, row.email)
    if account is not None and (account.confirmed_at is not None or not account.active):
        return render_template("accounts/invited.html", what=offer_words(session, row), email=row.email, form=None,
                               sign_in=url_for("security.login", next=url_for(".accept", token=token)))
    form = NewAccountForm()
    if form.sent() and _good_password(form):
        user = _account(session, row.email, form, account)
        if _accepted(session, row, user, form):
            return enter(user, "letter", remember=False)
    return _page(session, row, form, ask_account=True)


def _page(session: Session, row: PostInvitation, form: ButtonForm | NewAccountForm, *, ask_account: bool) -> ResponseReturnValue:
    page = render_template("accounts/invited.html", what=offer_words(session, row), email=row.email, form=form, new=ask_account, sign_in="")
    return page, 422 if form.errors else 200


def _good_password(form: NewAccountForm) -> bool:
    problems, form.password.data = security.password_util.validate(form.password.data, True)
    form.password.errors = [*form.password.errors, *(problems or [])]
    return not problems


def _account(session: Session, email: str, form: NewAccountForm, unproven: User | None) -> User:
    """A new account, whose address the letter has proven. An account that somebody made with this address and never proved may be
    anybody's: it gets this password, and whoever knew the old one is signed out."""
    user: Any = unproven or user_datastore.create_user(email=email, active=True, password=None, locale=language())
    user.name, user.password = form.name.data, hash_password(form.password.data)
    user_datastore.set_uniquifier(user)
    session.flush()
    confirm_user(user)
    return user


def _accepted(session: Session, row: PostInvitation, user: User, form: ButtonForm | NewAccountForm) -> bool:
    try:
        invited.accept(session, row, user, utc_now())
        return True
    except InputRefused as error:
        form.form_errors.append(message(error))
        return False
