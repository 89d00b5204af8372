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
    "radius_wrong": _l("From 1 to 200 km."),
    "kato_wrong": _l("A KATO code has nine digits."),
    "needed": _l("Fill this in."),
    "decree_missing": _l("Say which decree, in a few words."),
    "table_row_wrong": _l("The table was not taken: look at line %(line)s, column %(column)s."),
    "boundaries_unreadable": _l("This file holds no polygons in WGS 84 degrees."),
    "note_missing": _l("Write the note."),
    "names_the_applicant": _l("This text is public and names the applicant, who does not show the name. Take the name out."),
    "template_empty": _l("Write it in both languages: an answer goes out in the language of the appeal."),
    "template_field_unknown": _l("There is no field %(name)s. Possible are {number}, {address} and {name}."),
    "body_is_default": _l("The city falls back on this body. Choose another one for the city first."),
    "body_above_itself": _l("A body cannot stand above itself."),
    "two_levels": _l("Categories have two levels: choose one of the upper ones, and for one that has others below it, none."),
    "not_of_the_organisation": _l("Nobody in the organisation has this address. Invite the person into the organisation first, to the door at least."),
    "post_held": _l("This person holds this post already."),
    "body_missing": _l("Choose the body."),
    "city_missing": _l("Choose the city."),
    "last_administrator": _l("This is the last administrator. Give the post to somebody else first."),
    "last_of_body": _l("Nobody would be left to answer for this body. Give a post in it to somebody else first."),
    "wrong_number": _l("There is a slip in this number: check it character by character."),
    # following
    "words_too_long": _l("No more than %(limit)s characters here."),
    "street_missing": _l("Write the name of the street, such as Рысқұлов көшесі."),
    "pin_missing": _l("Put the pin on the map."),
    "followed_pin_outside_city": _l("The pin is outside the city. Move it."),
    "radius_out_of_range": _l("Choose a radius from %(least)s m to %(most)s km. For all of a city follow its whole list."),
    "too_many_letters": _l("We have sent %(limit)s letters with a button to this address today, the most that is possible. Press the button in one of them, or try again tomorrow."),
    "too_many_followings": _l("You follow %(limit)s things already, the most that is possible. End one of them first."),
    # events
    "event_changed_meanwhile": _l("Another organiser has changed this discussion since you opened the page. Your text is kept; compare and send again."),
    "event_closed": _l("This discussion is over and cannot be changed any more."),
    "title_missing": _l("Write the title in at least one language."),
    "title_too_long": _l("The title is too long: up to %(limit)s characters."),
    "too_many_characters": _l("Too long: up to %(limit)s characters."),
    "format_missing": _l("Choose the format."),
    "direction_missing": _l("Choose the direction."),
    "venue_missing": _l("Write where people meet."),
    "stream_wrong": _l("The address of the stream must begin with https:// or http://."),
    "document_url_wrong": _l("The address of the copy must begin with https:// or http://."),
    "capacity_wrong": _l("Write a number of places from 1 to %(limit)s, or nothing when as many come as like."),
    "places_taken": _l("%(taken)s places are taken already: the room cannot be smaller than that."),
    "too_many_items": _l("No more than %(limit)s items."),
    "item_without_title": _l("An item of the agenda has speakers but no name. Write what it is about."),
    "item_too_long": _l("An item of the agenda or a speaker is written too long."),
    "minutes_wrong": _l("The minutes of an item are from 0 to 1440."),
    "time_missing": _l("Write the date and the hours, such as 18:30."),
    "end_before_start": _l("The end is before the beginning."),
    "too_long": _l("A discussion lasts up to %(limit)s days."),
    "in_the_past": _l("This time has passed already. Choose a later one."),
    "not_moved": _l("This is the time it has now. Choose another one."),
    "official_not_invited": _l("This format cannot be announced before at least one official is invited."),
    "document_missing": _l("Write the final document in at least one language."),
    "recommendation_without_body": _l("Choose for each recommendation a body of this city."),
    "answered_before": _l("This recommendation was answered already."),
    "visitor_name_missing": _l("Write your name: it stands on the ticket, the public does not see it."),
    "needs_without_consent": _l("Tick that we may keep what you wrote, or leave the field empty."),
    "consent_missing": _l("Without your consent we cannot register you: the meeting is recorded."),
    "informed_consent_missing": _l("Read what taking part means first; the page of the discussion leads there."),
    "too_many_requests": _l("Too many people are registering at this moment. Try again in an hour, or sign in."),
    "offer_over": _l("This offer is over: the place went to the next in the list."),
    "registration_closed": _l("Registration is closed."),
    "registration_request_expired": _l("The button was pressed too late. Please register again."),
    "organisation_name_missing": _l("Write the name in at least one language."),
    "too_many_organisations": _l("You own %(limit)s organisations already."),
    "last_owner": _l("This is the last owner. Make somebody else the owner first."),
    "rule_missing": _l("Choose how often it repeats."),
    "picture_hidden": _l("A moderator has hidden the picture; another one can stand here when that is settled. The public log says why."),
    "in_series": _l("This discussion belongs to a series already."),
    # invitations
    "invitation_changed": _l("Somebody has taken a step with this invitation since you opened the page. Open it again and look."),
    "invitation_step_impossible": _l("This step is not possible now: the invitation stands otherwise. Open it again and look."),
    "event_began": _l("The discussion has begun: answers and invitations cannot be given or changed any more."),
    "event_not_begun": _l("Who came is recorded when the discussion has begun."),
    "event_called_off": _l("The discussion was called off: no answer is needed."),
    "invitation_withdrawn": _l("The organiser has withdrawn this invitation: no answer is needed. Their reason: %(reason)s"),
    "body_ceased": _l("This body does not exist any more, so nobody can answer in its name."),
    "body_inactive": _l("This body does not exist any more. Choose the one that does its work now."),
    "body_without_accounts": _l("No official of this body has an account here. Write the e-mail of its office: the letter goes there."),
    "invited_before": _l("They are invited already, number %(number)s. Withdraw that invitation first if it is to be another one."),
    "official_name_missing": _l("Write the name of the official, or leave the post empty, too."),
    "official_post_missing": _l("Write the post of the official: the public sees whom you invited."),
    "official_email_missing": _l("Write the e-mail of the official: the letter goes there, and it proves who answers."),
    "delegate_name_missing": _l("Write who comes instead."),
    "delegate_post_missing": _l("Write the post of the delegate: it is shown in public."),
    "delegate_email_missing": _l("Write the e-mail of the delegate, who has to confirm."),
    "delegate_is_invited": _l("This is the address of the invited. A delegate is somebody else."),
    "wished_in_the_past": _l("Choose a day that is still to come."),
    "contest_too_late": _l("It was contested already, or the 5 working days for it have passed."),
    "words_missing": _l("Write it in a few words."),
    "date_in_the_future": _l("This day is still to come. Write when it was asked."),
    "question_link_over": _l("This link does not work any more"),
    "too_many_held": _l("Several letters with a button were sent to the invited already. Wait until one is answered."),
    "held_answer_used": _l("This button was pressed already. The answer is on the record."),
    "office_letters_sent": _l("%(limit)s letters with a button went to the address of the invitation in the last 24 hours. Open any of them: on its page your words can be put in the place of those that stand there."),
    "question_answers_by_accounts": _l("The body answers through its accounts now"),
    # promises
    "promise_changed": _l("Somebody has taken a step here since you opened the page."),
    "promise_step_impossible": _l("This step is not possible now: the promise is in another state."),
    "wording_term_passed": _l("The %(days)s working days for the wording are over: it stands as recorded. You can add a statement, which stands beside it in public."),
    "promise_day_passed": _l("The day of the promise has passed: it cannot be taken back or struck any more."),
    "promise_day_ahead": _l("Its day has not passed: there is time left to keep it."),
    "promise_contest_over": _l("The time in which this report could be contested is over."),
    "promise_contested_before": _l("You have contested this report already. The organiser looks at it."),
    "promise_history_full": _l("There are as many entries here as the page can bear."),
    "promise_text_missing": _l("Write a few words."),
    "evidence_missing": _l("Show it: add a photo, or a link to where it can be seen."),
    "evidence_link_wrong": _l("A link must begin with https:// or http://. Write one in a line."),
    "too_many_links": _l("No more than %(limit)s links."),
    "promise_not_amended": _l("This is the wording as it stands. Change the words or the day."),
    "promise_event_not_begun": _l("Something can be promised there once the discussion has begun."),
    "promise_words_missing": _l("Write what was promised."),
    "promise_due_missing": _l("Write by which day, such as 3.12.2026. When only a month was named, its last day."),
    "promise_due_past": _l("This day has passed. A promise is for today or a day to come."),
    "promise_due_far": _l("This day is more than ten years away."),
    "promise_post_missing": _l("Write the post of who spoke, such as: head of the department."),
    "official_did_not_come": _l("It is not on record that anybody of this body came. Record who came first, or leave the name out."),
    "promise_second_wrong": _l("Write minutes and seconds, such as 12:05 or 1:02:05."),
    "promise_complaint_unknown": _l("There is no public complaint of this city with the number %(number)s."),
    "too_many_promise_complaints": _l("No more than %(limit)s complaints."),
    # topics
    "topic_unknown": _l("There is no such topic in this city."),
    "too_many_topics": _l("No more than %(limit)s topics in one discussion."),
    "event_carries_no_more": _l("The discussion is over: what it carried stays."),
    "complaint_missing": _l("Write the number of at least one complaint."),
    "carried_in_public": _l("The discussion is announced, and those who follow the complaint know of it: it stays."),
    "filter_missing": _l("Choose a category, a district or a body: all complaints of a city are too many for one discussion."),
    # limits
    "holds_post": _l("You hold a post. It has to be handed over before your data is deleted."),
    "disposable_address": _l("Addresses of %(domain)s work for a short time only. Write one that you keep: we write to it at each step."),
    # posts and invitations to them
    "email_wrong": _l("This is no e-mail address. Write one such as name@shymkent.gov.kz."),
    "email_of_another_domain": _l("This body invites only addresses of: %(domains)s. An administrator can add a domain."),
    "domain_wrong": _l("%(domain)s is no domain. Write one such as shymkent.gov.kz."),
    "moderator_and_official": _l("A moderator cannot answer for a body, and nobody of a body can moderate: one of the two posts has to end first."),
    "invitation_over": _l("This invitation does not work any more."),
    # ways in
    "too_many_wrong_codes": _l("There were too many wrong tries. Wait an hour, or use a passkey."),
    "second_factor_due": _l("The one sign-in without the second step is used up. Set it up to go on."),
    "passkey_failed": _l("The passkey was not accepted. Try again, or sign in another way."),
    "passkey_name_missing": _l("Write a name by which you know it."),
    "passkey_name_taken": _l("Another passkey of yours has this name."),
    "too_many_passkeys": _l("You have %(limit)s passkeys already. Remove one of them first."),
    "identity_refused": _l("You could not be signed in this way: the service did not confirm your address. Nothing has changed. Sign in another way."),
    # moderation
    "flagged_before": _l("You have flagged this already. A moderator looks at it."),
    "part_not_shown": _l("This part is not shown any more. Choose another one."),
    "case_changed_meanwhile": _l("This has changed meanwhile. Look at what stands here now."),
    "parts_missing": _l("Choose what to hide."),
    "reason_of_codex_missing": _l("Choose a reason of the rules. Without one nothing may be hidden."),
    "document_number_missing": _l("Write the number of the court's document."),
    "piece_not_found": _l("This does not stand in your text. Choose a line above, or copy the words exactly as they stand."),
    "boxes_missing": _l("Mark at least one rectangle, at most %(limit)s."),
    "box_outside": _l("A rectangle lies outside the picture, or is too small. All numbers are per cent of the picture."),
    "photo_not_shown": _l("This photo is being changed already. Look again in a minute."),
    # questions
    "not_in_room": _l("Register for the discussion first, or come in by the code on the screen while it is going on."),
    "room_not_open": _l("Questions and votes are not taken now."),
    "question_missing": _l("Write your question in a few words."),
    "question_too_long": _l("The question has %(length)s characters; no more than %(limit)s are possible. Please shorten it."),
    "addressee_unknown": _l("Choose somebody who was invited or speaks."),
    "too_many_questions": _l("You have asked %(limit)s questions within an hour, the most that is possible. What you typed is kept; meanwhile give your voice to others."),
    "room_full": _l("%(limit)s questions have been asked here, the most that is possible. Give your voice to one of them."),
    "question_asked_before": _l("Somebody has asked exactly this already: give your voice to it."),
    "question_not_for_voting": _l("This question is not voted for any more."),
    "question_elsewhere": _l("Choose another question that is shown in this room."),
    "closes_before_opening": _l("The end is before the beginning."),
    "moderator_already": _l("This person moderates the room already."),
    "second_wrong": _l("Write the place in the recording as minutes and seconds, such as 41:20."),
    "poll_text_missing": _l("Write what is asked."),
    "poll_options_wrong": _l("Write from %(least)s to %(most)s different choices, one per line."),
    "poll_not_open": _l("The voting is closed: this choice was not counted."),
    "choice_missing": _l("Choose an answer first."),
    "one_choice_only": _l("Choose one answer only."),
    # minutes
    "minutes_changed_meanwhile": _l("Another organiser has changed the minutes meanwhile. Look at them again."),
    "minutes_too_early": _l("The discussion is not over yet: minutes are published afterwards."),
    "minutes_missing": _l("Write what was said and decided, in one language at least."),
    "recording_wrong": _l("The address of the recording must begin with https:// or http:// and have no more than 500 characters."),
    "chapter_wrong": _l("Line %(line)s is no chapter. Write the time, a blank and the title, such as: 12:30 The first question"),
    "too_many_chapters": _l("No more than %(limit)s chapters are possible."),
    "came_wrong": _l("Write the number of people in digits, at most %(limit)s."),
    "counted_by_missing": _l("Write who counted the people."),
    "change_missing": _l("Write in one sentence what is new: it stands in the list of versions."),
    "material_title_missing": _l("Write what it is."),
    "language_missing": _l("Choose the language of the title."),
    "material_missing": _l("Choose a photo or a PDF, or write a link."),
    "material_link_wrong": _l("The link must begin with https:// or http:// and have no more than 500 characters."),
    "too_many_materials": _l("There are %(limit)s materials, the most that is possible. Take one off the list first."),
    "material_not_pdf": _l("This is no PDF. Save the slides or the document as PDF and choose it again."),
    "material_pdf_too_big": _l("The PDF is larger than %(megabytes)s MB. Put up a smaller one, or a link."),
}

STATUS = {"too_many_wrong_codes": 429, "not_allowed": 403, "not_in_room": 409, "room_not_open": 409, "question_not_for_voting": 409, "poll_not_open": 409, "question_elsewhere": 409, "invitation_over": 410, "too_many_letters": 429, "invitation_changed": 409, "invitation_step_impossible": 409, "event_began": 409, "event_not_begun": 409,
          "event_called_off": 409, "invitation_withdrawn": 409, "body_ceased": 409, "contest_too_late": 409, "held_answer_used": 410, "question_link_over": 410, "question_answers_by_accounts": 410, "promise_changed": 409, "promise_step_impossible": 409, "wording_term_passed": 409, "promise_day_passed": 409, "promise_day_ahead": 409, "promise_contest_over": 409, "promise_contested_before": 409, "promise_history_full": 409, "not_found": 404, "changed_meanwhile": 409, "transition_forbidden": 409, "draft_expired": 410, "event_changed_meanwhile": 409,
          "registration_closed": 409, "registration_request_expired": 410}


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
    _bind_own(app)
    _bind_http(app)

    @app.before_request
    def nothing_has_such_an_address() -> None:
        """No name holds a null byte, and PostgreSQL takes none."""
        if "\x00" in request.path:
            abort(404)


def _bind_own(app: Flask) -> None:
    """Errors of our own code and of the database, the unexpected ones among them."""
    from civic.extensions import db

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

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> ResponseReturnValue:
        db.session.rollback()
        log.exception("unexpected_error", path=request.path)
        return page(500, gettext("Our mistake"), gettext(
            "Something broke on our side; we have noted it. Nothing that was saved is lost. Please try again."))


def _bind_http(app: Flask) -> None:
    """What Flask, Werkzeug and the forms' protection refuse."""
    from civic.extensions import db

    @app.errorhandler(CSRFError)
    def csrf(error: CSRFError) -> ResponseReturnValue:
        if request.is_secure and not request.referrer:
            return page(400, gettext("Your browser hides where the form comes from"), gettext(
                "So we cannot tell that it was you who sent it, and not another site. Allow this site to see the address of its own pages, or use another browser."))
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
