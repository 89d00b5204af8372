"""Errors as pages and messages in the reader's language: what happened, that nothing is lost, what to do."""

from typing import Any

import structlog
from flask import Flask, abort, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.exceptions import HTTPException

from civic.core.actor import ANONYMOUS
from civic.core.errors import DomainError, InputRefused, NotAllowed, NotFound

log = structlog.get_logger()

#: One message per code of a domain error.
MESSAGES: dict[str, Any] = {
    "not_allowed": _l("You cannot do this here."),
    "not_found": _l("There is nothing at this address."),
    "transition_forbidden": _l("This step is not possible now: the complaint is in another state."),
    "changed_meanwhile": _l("Somebody has taken a step here since you opened the page. Your text is kept below; look at what changed and send again."),
    "term_passed": _l("The legal term for this step has passed."),
    "not_in_procedure": _l("The law has no such step for this kind of appeal."),
    "draft_expired": _l("This report was not finished in time and is closed. Please begin again."),
    "city_has_no_default_body": _l("This city cannot take reports yet."),
    "photo_empty": _l("The file %(name)s is empty."),
    "photo_too_big": _l("The photo %(name)s is larger than %(megabytes)s MB. Choose a smaller one."),
    "photo_not_a_picture": _l("The file %(name)s is not a photo we can read. Use JPEG, PNG, WebP or HEIC."),
    "photo_too_many_pixels": _l("The photo %(name)s has too many pixels. Choose a smaller one."),
    "photo_cut_short": _l("The photo %(name)s did not arrive whole. Add it again."),
    "too_many_photos": _l("No more than %(limit)s photos."),
    "pin_outside_city": _l("The pin is outside the city. Move it, or write the address."),
    "place_missing": _l("Show the place on the map or write the address."),
    "address_too_long": _l("The address is longer than %(limit)s characters."),
    "district_of_another_city": _l("This district is in another city."),
    "choose_category": _l("Choose what is wrong."),
    "text_too_short": _l("Write in a few words what is wrong."),
    "text_too_long": _l("The text has %(length)s characters; no more than %(limit)s are possible. Please shorten it."),
    "text_missing": _l("Write a few words or add a photo."),
    "name_missing": _l("Write your name: the body that answers sees it, the public only if you wish."),
    "reason_missing": _l("Say why, in a few words."),
    "answer_missing": _l("Write the answer: it cannot be empty."),
    "after_photo_missing": _l("Add a photo of the result: this category asks for one."),
    "choose_another_body": _l("Choose the body of this city that is competent."),
    "extension_out_of_range": _l("Choose a day after %(first)s and not later than %(last)s."),
    "preliminary_decision_missing": _l("Write the preliminary decision."),
    "hearing_after_term": _l("The hearing must be within the term, not later than %(due)s. Extend the term first."),
    "name_too_long": _l("The name is too long: up to %(limit)s characters."),
    "name_has_address": _l("Write only a name here, without addresses of pages."),
    "hearing_too_early": _l("The hearing must be on a working day, not earlier than %(earliest)s."),
    "duplicate_target_wrong": _l("Give the number of another public complaint of this city."),
    "body_without_officials": _l("Nobody answers for this body here yet. Choose another one."),
    "not_a_colleague": _l("Choose a colleague of this body."),
    "code_taken": _l("This code is taken. Choose another one."),
    "code_form": _l("A code has small Latin letters, digits and hyphens, up to %(longest)s, and begins with a letter."),
    "prefix_form": _l("Write three Latin capitals."),
    "prefix_taken": _l("Another city has this beginning of numbers."),
    "degrees_wrong": _l("This is not a place on the globe. Write degrees, such as 42.3155."),
    "timezone_unknown": _l("There is no such time zone. Write one such as Asia/Almaty."),
    "decree_missing": _l("Say which decree, in a few words."),
    "table_row_wrong": _l("The table was not taken: look at line %(line)s, column %(column)s."),
    "boundaries_unreadable": _l("This file holds no polygons in WGS 84 degrees."),
    "note_missing": _l("Write the note."),
    "template_empty": _l("Write it in both languages: an answer goes out in the language of the appeal."),
    "template_field_unknown": _l("There is no field %(name)s. Possible are {number}, {address} and {name}."),
    "body_is_default": _l("The city falls back on this body. Choose another one for the city first."),
    "body_above_itself": _l("A body cannot stand above itself."),
    "two_levels": _l("Categories have two levels: choose one of the upper ones, and for one that has others below it, none."),
    "account_unknown": _l("Nobody has signed up with this address and confirmed it."),
    "post_held": _l("This person holds this post already."),
    "body_missing": _l("Choose the body."),
    "city_missing": _l("Choose the city."),
    "last_administrator": _l("This is the last administrator. Give the post to somebody else first."),
    "last_of_body": _l("Nobody would be left to answer for this body. Give a post in it to somebody else first."),
    "wrong_number": _l("There is a slip in this number: check it character by character."),
}

STATUS = {"not_allowed": 403, "not_found": 404, "changed_meanwhile": 409, "transition_forbidden": 409, "draft_expired": 410}


def message(error: DomainError) -> str:
    """What the error says to the reader."""
    from datetime import date

    from civic.web.locale import day

    facts = {k: day(v, year=True) if isinstance(v, date) else v for k, v in error.facts.items()}
    text = MESSAGES.get(error.code, MESSAGES["not_allowed"])
    return str(text) % facts if facts else str(text)


def on_form(form: Any, error: InputRefused) -> None:
    """Put a refused input beside its field."""
    field = form._fields.get(error.field) or next((f for f in form if f.type not in ("CSRFTokenField", "HiddenField")), None)
    if field is None:
        form.form_errors.append(message(error))
    else:
        field.errors = [*field.errors, message(error)]


def page(status: int, title: str, text: str) -> ResponseReturnValue:
    """An error page."""
    return render_template("errors/error.html", title=title, text=text, status=status), status


def init_app(app: Flask) -> None:
    """Map every kind of error to a page, in one place."""
    from civic.extensions import db

    @app.before_request
    def nothing_has_such_an_address() -> None:
        """No name holds a null byte, and PostgreSQL takes none."""
        if "\x00" in request.path:
            abort(404)

    @app.errorhandler(DomainError)
    def domain(error: DomainError) -> ResponseReturnValue:
        db.session.rollback()
        status = STATUS.get(error.code, 400)
        if isinstance(error, NotFound):
            return page(404, gettext("Not found"), message(error))
        title = gettext("Not allowed") if isinstance(error, NotAllowed) else gettext("This did not work")
        return page(status, title, message(error))

    @app.errorhandler(DBAPIError)
    def database(error: DBAPIError) -> ResponseReturnValue:
        if not (isinstance(error, OperationalError) or error.connection_invalidated):
            return unexpected(error)  # a row or a statement that the database refuses is our mistake
        db.session.rollback()
        log.error("database_unavailable", error=type(error.orig).__name__, path=request.path)
        g._login_user, g.actor = app.login_manager.anonymous_user(), ANONYMOUS  # type: ignore[attr-defined]  # the page must not ask the database who reads it
        return page(503, gettext("Not saved yet"), gettext(
            "The service is overloaded for a moment and could not save this. Nothing that was saved before is lost. "
            "Go back, what you typed is still there, and send again in a minute."))

    @app.errorhandler(CSRFError)
    def csrf(error: CSRFError) -> ResponseReturnValue:
        return page(400, gettext("The page was open too long"), gettext(
            "For your safety the form has expired. Go back, reload the page and send again."))

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> ResponseReturnValue:
        if error.code is None or error.code < 400:
            return error
        db.session.rollback()
        words = {
            404: (gettext("Not found"), gettext("There is nothing at this address. It may have been mistyped.")),
            403: (gettext("Not allowed"), gettext("You cannot do this here.")),
            405: (gettext("Not possible"), gettext("This address does not take what was sent.")),
            413: (gettext("Too large"), gettext("What you sent is too large. Send fewer or smaller photos; nothing else is lost.")),
        }
        return page(error.code, *words.get(error.code, (gettext("This did not work"), gettext("Go back and try again."))))

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> ResponseReturnValue:
        db.session.rollback()
        log.exception("unexpected_error", path=request.path)
        return page(500, gettext("Our mistake"), gettext(
            "Something broke on our side; we have noted it. Nothing that was saved is lost. Please try again."))
