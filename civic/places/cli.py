"""``flask places …``: cities, districts and days off from the command line."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from flask_babel import force_locale

from civic.bodies import service as bodies
from civic.complaints.service import recompute_due_dates
from civic.core.actor import SYSTEM
from civic.core.clock import utc_now
from civic.core.database import begin_write
from civic.core.errors import DomainError
from civic.core.json_input import read_json
from civic.extensions import db
from civic.places import service
from civic.places.boundaries import BoundaryReport, import_boundaries
from civic.places.models import City, DayEdit
from civic.places.queries import cities, city_by_code
from civic.web.errors import message

places_cli = AppGroup("places", help="Cities, their districts and boundaries, days off.")

WHY = {
    "not_polygon": "is not a polygon", "unknown": "fits no district",
    "several": "fits several districts", "twice": "fits a district that has got its boundary already",
    "nameless": "does not say its name and code, or the code is taken",
}


def refused(error: DomainError) -> click.ClickException:
    """What a domain error says, in English, for the command line."""
    with force_locale("en"):
        field = getattr(error, "field", "")
        return click.ClickException(f"{field}: {message(error)}" if field else message(error))


def city_called(code: str) -> City:
    """The active city with this code. Raises a usage error."""
    city = city_by_code(db.session(), code, active=True)
    if city is None:
        raise click.BadParameter(f"there is no city {code!r}; `flask places list` shows all", param_hint="--city")
    return city


@places_cli.command("list")
def list_cities() -> None:
    """Show the cities and how many of their districts have a boundary."""
    for city in cities(db.session()):
        bounded = sum(d.boundary is not None for d in city.districts)
        click.echo(f"{city.code}\t{city.prefix}\t{city.name['en']}\t{len(city.districts)} districts, {bounded} with a boundary")


@places_cli.command("seed")
def seed() -> None:
    """Add the shipped categories and the three cities of the republic with their districts and bodies.

    What is there already stays as it is, so this can be run at every start.
    """
    begin_write(db.session())
    added = bodies.seed(db.session(), None, utc_now())
    db.session.commit()
    click.echo(f"added: {added['categories']} categories, {added['cities']} cities")


@places_cli.command("add-city")
@click.argument("code")
@click.option("--prefix", required=True, help="Three Latin capitals that begin the numbers of complaints.")
@click.option("--kk", required=True, help="Name in Kazakh.")
@click.option("--ru", required=True, help="Name in Russian.")
@click.option("--en", required=True, help="Name in English.")
@click.option("--lat", required=True, type=float, help="Latitude of the centre, degrees.")
@click.option("--lon", required=True, type=float, help="Longitude of the centre, degrees.")
@click.option("--radius", "radius_km", type=click.FloatRange(1, 200), default=15.0, show_default=True,
              help="Pins within so many kilometres of the centre are taken as inside.")
@click.option("--kato", help="Nine digits.")
@click.option("--timezone", default="Asia/Almaty", show_default=True)
def add_city(code: str, prefix: str, kk: str, ru: str, en: str, **columns: Any) -> None:
    """Add a city that can take complaints. CODE stands in its addresses: small Latin letters.

    It gets an akim's office and the usual bodies; `flask places import` brings its districts.
    """
    values = {"code": code, "prefix": prefix, "name": {"kk": kk, "ru": ru, "en": en}, **columns}
    begin_write(db.session())
    try:
        bodies.create_city(db.session(), values, [], bodies.bundled_categories(), None, utc_now())
    except DomainError as error:
        raise refused(error) from error
    db.session.commit()
    click.echo(f"{en} can take complaints at /kk/{code}/. Import its districts, then give posts in its bodies.")


@places_cli.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--city", "code", required=True, help="Code of the city that the districts are in.")
@click.option("--property", "properties", multiple=True,
              help="Look for KATO or name only in this property of the features. May be repeated; default: all.")
@click.option("--create-missing", is_flag=True, help="Make a district, and its akim's office, of a feature that fits none.")
def import_file(file: Path, code: str, properties: tuple[str, ...], create_missing: bool) -> None:
    """Take boundaries of districts from a GeoJSON FILE (WGS 84), matched by KATO or name in any language."""
    try:
        geojson = read_json(file.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise click.ClickException(f"{file} is not JSON: {error}") from error
    session, now = db.session(), utc_now()
    begin_write(session)
    city = city_called(code)
    try:
        report = import_boundaries(session, geojson, city, None, now, properties=properties, create_missing=create_missing)
    except DomainError as error:
        raise refused(error) from error
    for district in report.created:
        bodies.open_office(session, city, district, None, now)
    session.commit()
    _tell(report)


def _tell(report: BoundaryReport) -> None:
    for district in report.matched:
        click.echo(f"{'new ' if district in report.created else ''}district {district.code}: boundary taken")
    outside = sum(why == "elsewhere" for _, why in report.unmatched)
    for label, why in report.unmatched:
        if why != "elsewhere":  # a file of the whole country has many of these
            click.echo(f"left out, {WHY[why]}: {label}", err=True)
    if outside:
        click.echo(f"left out, outside the city: {outside} features", err=True)
    click.echo(f"{len(report.matched)} boundaries taken, {len(report.created)} districts made, {len(report.unmatched)} left out")


@places_cli.command("day-off")
@click.argument("day", metavar="DAY", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--reason", help="The decree, as people shall read it. Needed unless --forget.")
@click.option("--working", is_flag=True, help="The day is worked instead of being off.")
@click.option("--forget", is_flag=True, help="Undo an earlier edit of this day.")
def day_off(day: datetime, reason: str | None, working: bool, forget: bool) -> None:
    """Declare DAY (2026-12-31) off, or worked; open due dates move and those concerned are told."""
    session, now = db.session(), utc_now()
    begin_write(session)
    try:
        if forget:
            _forget(day.date(), now)
        else:
            service.set_day(session, day.date(), working=working, reason=reason or "", user_id=None, now=now)
    except DomainError as error:
        raise refused(error) from error
    moved = recompute_due_dates(session, SYSTEM, now)
    session.commit()
    click.echo(f"{day:%Y-%m-%d} noted; {moved} due dates moved")


def _forget(day: date, now: datetime) -> None:
    row = db.session().get(DayEdit, day)
    if row is None:
        raise click.ClickException("this day was not edited")
    service.forget_day(db.session(), row, None, now)
