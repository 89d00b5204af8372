"""``flask categories …``: the table of categories from the command line."""

import csv
from pathlib import Path

import click
from flask.cli import AppGroup

from civic.bodies.service import assign_bodies, import_categories, read_table
from civic.complaints.refiling import refile
from civic.core.clock import utc_now
from civic.core.database import begin_write
from civic.core.errors import DomainError
from civic.extensions import db
from civic.places.cli import city_called, refused
from civic.places.queries import cities

categories_cli = AppGroup("categories", help="Categories of complaints, and who answers for them.")


@categories_cli.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--city", "code", metavar="CODE|all",
              help="Also let the bodies named in the table answer in this city, or in all; replaces who answered for these categories.")
def import_file(file: Path, code: str | None) -> None:
    """Take categories from a CSV FILE: new ones are added, known ones brought to what it says, others left alone.

    Columns: code, parent, name_kk, name_ru, name_en, direction, body_code, body_kk, body_ru, body_en, emergency_phone;
    and, if you like, danger, wants_after_photo (0 or 1), duplicate_radius_m, appeal_kind.
    """
    session, now = db.session(), utc_now()
    try:
        rows = read_table(file)
    except (csv.Error, ValueError) as error:
        raise click.ClickException(f"{file} is not a CSV table in UTF-8: {error}") from error
    begin_write(session)
    try:
        counts = import_categories(session, rows, None, now)
        refile(session)
    except DomainError as error:
        raise refused(error) from error
    click.echo("categories: " + ", ".join(f"{number} {what}" for what, number in counts.items()))
    for city in (cities(session) if code == "all" else [city_called(code)] if code else []):
        click.echo(f"{city.code}: {assign_bodies(session, city, rows, None, now)} responsibilities changed")
    session.commit()
