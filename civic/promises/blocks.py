"""What pages of other features show of promises: events, bodies, complaints, the front page of a city."""

from typing import Any

from flask import render_template
from markupsafe import Markup

from civic.bodies.directory import Directory, Known, directory
from civic.core.clock import local_date
from civic.events.models import Event
from civic.promises import queries
from civic.promises.wording import STATE_LOOKS, due_words, figure_rows, promise_path, rows, state_word
from civic.web.locale import day, language, local_name
from civic.web.reading import reader, reading

NEWEST = 5


def of_event(event: Event) -> Markup | str:
    """What was promised at an event; nothing when nothing was."""
    session = reading()
    found = queries.of_event(session, event.id)
    return Markup(render_template("promises/_event.html", rows=rows(found, directory(session)))) if found else ""


def of_body(body: Known) -> Markup | str:
    """How a body keeps its promises; nothing when it gave none."""
    session = reader()
    figures = queries.figures_of_body(session, body.id)
    if not figures.made:
        return ""
    known = directory(session)
    return Markup(render_template("promises/_body.html", figures=figures, figure_rows=figure_rows(figures), body=body, here=known.cities[body.city_id],
                                  rows=rows(queries.of_body(session, body.id, NEWEST), known)))


def of_city(here: Known) -> Markup | str:
    """How many promises were kept and broken, for the front page; nothing before the first."""
    figures = queries.figures_of_city(reader(), here.id)
    return Markup(render_template("promises/_front.html", figures=figures, here=here)) if figures.made else ""


def of_complaint(complaint: Any, known: Directory) -> Markup | str:
    """Discussions that carry a complaint and what was promised about it, by one statement; only asked for complaints that have any."""
    lines, here = [], known.cities[complaint.city_id]
    for row in queries.of_complaint(reader(), complaint.id):
        event = {"title": local_name(row.title), "href": f"/{language()}/{here.code}/events/{row.event_code}",
                 "on": day(local_date(row.starts_at, here.timezone), year=True)}
        if row.kind == "promise":
            icon, tone = STATE_LOOKS[row.state]
            event |= {"words": row.words, "lang": row.language, "body": local_name(known.bodies[row.body_id].name), "due": due_words(row),
                      "icon": icon, "tone": tone, "state": state_word(row), "promise": promise_path(row.number), "number": row.number}
        lines.append(event)
    return Markup(render_template("promises/_complaint.html", lines=lines)) if lines else ""
