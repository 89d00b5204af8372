"""``flask programme``: handing a programme's whole set-up to another city."""

import click
from flask.cli import AppGroup
from sqlalchemy import select

from civic.core.clock import utc_now
from civic.core.database import begin_write
from civic.core.errors import InputRefused
from civic.core.text import pick
from civic.events.queries import organisation_by_code
from civic.extensions import db
from civic.places.models import City
from civic.programmes import queries, service
from civic.programmes.models import Programme

REFUSED = {"copied_already": "this organisation has taken it over already, as {there}",
           "programme_hidden": "moderators have hidden a part of this programme; it can be taken over when that is settled"}
programme_cli = AppGroup("programme", help="Programmes: lists them, hands one to another city.")


@programme_cli.command("list")
def list_all() -> None:
    """Every programme: its code, city, organisation and name."""
    for programme in db.session.scalars(select(Programme).order_by(Programme.id)):
        click.echo(f"{programme.code}  {programme.city.code:12} {programme.organisation.code:9} {pick(programme.name, 'kk')}")


@programme_cli.command("copy")
@click.argument("code")
@click.option("--to", "organisation", required=True, metavar="ORGANISATION", help="Code of the organisation that takes it over; its city is the new one.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def copy(code: str, organisation: str, yes: bool) -> None:
    """Hand the programme CODE to an organisation of another city: words, parts, topics, and discussions as drafts.

    People, dates and places are not taken along. Nothing becomes public but the programme's page; each draft is for its new organisers
    to finish.
    """
    session = db.session()
    programme, target = queries.by_code(session, code), organisation_by_code(session, organisation)
    if programme is None:
        raise click.ClickException(f"there is no programme {code}; `flask programme list` shows them")
    if target is None:
        raise click.ClickException(f"there is no organisation {organisation}; its code stands in the address of its page")
    city = session.get_one(City, target.city_id)
    if not yes:
        click.confirm(f"Copy “{pick(programme.name, 'kk')}” with {len(programme.parts)} parts to “{pick(target.name, 'kk')}” in {pick(city.name, 'en')}?", abort=True)
    session.rollback()
    begin_write(session)
    try:
        made = service.copy(session, queries.by_code(session, code), organisation_by_code(session, organisation), utc_now())  # type: ignore[arg-type]
    except InputRefused as error:
        session.rollback()
        raise click.ClickException(REFUSED[error.code].format(**error.facts)) from error
    drafts, page = len(queries.own_events(session, made.id)), f"/{city.code}/programmes/{made.code}"
    session.commit()
    click.echo(f"Done: {made.code}, {len(made.parts)} parts, {drafts} discussions as drafts. Its page: /kk{page}")
