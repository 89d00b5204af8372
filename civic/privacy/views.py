"""The documents; one's own data: see it, download it, have it erased; the tasks of administrators."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, send_file, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_security.utils import logout_user
from itsdangerous import BadSignature

from civic.accounts.forms import ButtonForm
from civic.accounts.models import Contact
from civic.complaints.filing_views import prove, signer
from civic.core.clock import utc_now
from civic.core.errors import InputRefused
from civic.extensions import db
from civic.notifications.service import ZONE, refuse_flood
from civic.privacy import erasure, service
from civic.privacy.documents import DOCUMENTS
from civic.privacy.forms import AddressForm, EraseForm
from civic.privacy.person import person_of
from civic.privacy.tasks import folders
from civic.privacy.wording import gone_words, kept_words
from civic.web.access import administrator, allow, current_actor, public, reachable_as_applicant, sensitive
from civic.web.errors import on_form
from civic.web.locale import LANG, language

bp = Blueprint("privacy", __name__, url_prefix=f"/{LANG}")
#: Seconds that the link of a letter opens one's data, and that having opened it is enough for erasing.
LINK_LIVES = 2 * 60 * 60
PROVEN = "privacy_proven"


@bp.get("/privacy", defaults={"name": "privacy"})
@bp.get("/terms", defaults={"name": "terms"})
@public
def document(name: str) -> ResponseReturnValue:
    """What people agree to."""
    found = DOCUMENTS[name]
    return render_template("privacy/document.html", document=found, blocks=found.blocks(language()))


@bp.get("/account/data")
@allow(reachable_as_applicant)
def data() -> ResponseReturnValue:
    """What is held about me, and what I can do."""
    person, now = person_of(current_actor()), utc_now()
    return render_template("privacy/data.html", exports=service.exports_of(db.session(), person, now), consents=service.consents_of(db.session(), person),
                           task=service.withdrawal_of(db.session(), person), form=ButtonForm(), lives=service.EXPORT_LIVES)


@bp.post("/account/data/export")
@allow(reachable_as_applicant)
def export() -> ResponseReturnValue:
    """Order the archive."""
    if ButtonForm().sent():
        service.order_export(db.session(), person_of(current_actor()), utc_now())
        flash(gettext("We are gathering your data. It is here in a minute; a letter comes when it is ready."), "success")
    return redirect(url_for("privacy.data"), 303)


@bp.get("/account/data/<string(length=32):export_id>.zip")
@public
def archive(export_id: str) -> ResponseReturnValue:
    """The archive, for its owner's session alone, who has lately proven it: for everybody else there is nothing here."""
    found = service.ready_export(db.session(), export_id, person_of(current_actor()), utc_now())
    path = folders(current_app).exports / f"{export_id}.zip"
    if found is None or not path.is_file():
        abort(404)

    def give() -> ResponseReturnValue:
        response = send_file(path, mimetype="application/zip", as_attachment=True, download_name=f"civic-{found.asked_at:%Y-%m-%d}.zip")
        response.headers["Cache-Control"] = "private, no-store"
        return response

    return freshly_proven(give)()


def freshly_proven(view: Callable[[], ResponseReturnValue]) -> Callable[[], ResponseReturnValue]:
    """With an account: as ``@sensitive`` asks. Without: the link of a letter, opened lately."""
    guarded = sensitive(view)

    @wraps(view)
    def proven() -> ResponseReturnValue:
        if current_actor().user_id is not None:
            return guarded()
        contact_id, at = session.get(PROVEN, (0, 0))  # of this very address: the browser may have proven another one since
        fresh = contact_id == current_actor().contact_id and utc_now().timestamp() - at < LINK_LIVES
        return view() if fresh else redirect(url_for("privacy.ask"), 303)

    return proven


@bp.route("/account/data/erase", methods=["GET", "POST"])
@allow(reachable_as_applicant)
@freshly_proven
def erase() -> ResponseReturnValue:
    """What goes and what stays; then the button."""
    person, now, form = person_of(current_actor()), utc_now(), EraseForm()
    if form.sent():
        task = erasure.withdraw(db.session(), person, now.astimezone(ZONE), now)
        if task.state == "open":
            flash(gettext("You hold a post. It is handed over first; then everything of yours is deleted, at the latest on the day below."), "info")
            return redirect(url_for("privacy.data"), 303)
        session.clear()
        logout_user()
        return redirect(url_for("privacy.erased"), 303)
    shown = erasure.preview(db.session(), person)
    return render_template("privacy/erase.html", form=form, preview=shown, gone=gone_words(shown), kept=kept_words(shown)), 422 if form.errors else 200


@bp.get("/account/erased")
@public
def erased() -> ResponseReturnValue:
    """It is done. Who is signed in has an account still, and is shown what is held."""
    return redirect(url_for("privacy.data"), 303) if current_actor().user_id else render_template("privacy/erased.html")


@bp.route("/privacy/my-data", methods=["GET", "POST"])
@public
def ask() -> ResponseReturnValue:
    """Without an account: a letter with a link. The answer is the same whether or not we know the address."""
    form: Any = AddressForm()
    if form.sent():
        try:
            refuse_flood(db.session(), form.email.data, utc_now())
            service.ask_erasure(db.session(), form.email.data, language(), utc_now())
            flash(gettext("If we hold something about %(email)s, a letter with a link is on its way there.", email=form.email.data), "success")
            return redirect(url_for("privacy.ask"), 303)
        except InputRefused as error:
            on_form(form, error)
    return render_template("privacy/ask.html", form=form), 422 if form.errors else 200


@bp.route("/privacy/link/<token>", methods=["GET", "POST"])
@public
def ask_by_letter(token: str) -> ResponseReturnValue:
    """The link of that letter: a button opens the data, since mail scanners follow links."""
    try:
        contact_id = signer("privacy").loads(token, max_age=LINK_LIVES)
    except BadSignature:
        return render_template("filing/link_failed.html", elsewhere=True), 410
    contact = db.session.get(Contact, contact_id)
    if contact is None or contact.erased or contact.user_id is not None:
        return render_template("filing/link_failed.html", elsewhere=True), 410
    form = ButtonForm()
    if not form.sent():
        return render_template("privacy/by_letter.html", form=form, email=contact.email)
    prove(contact.email, contact.locale)
    session[PROVEN] = contact.id, int(utc_now().timestamp())
    return redirect(url_for("privacy.data"), 303)


@bp.get("/admin/withdrawals")
@allow(administrator, hidden=True)
def withdrawals() -> ResponseReturnValue:
    """Consents that were taken back: what is open, and until when the law gives time."""
    rows = service.withdrawals(db.session())
    return render_template("privacy/withdrawals.html", rows=rows, names=service.who_waits(db.session(), rows), today=utc_now().astimezone(ZONE).date())
