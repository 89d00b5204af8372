"""The command that counts topics now: ``flask topics recount``."""

import click
from flask.cli import AppGroup

from civic.core.clock import utc_now
from civic.extensions import db
from civic.topics.counting import recount as count

topics_cli = AppGroup("topics", help="Piles of complaints that suggest themselves as topics.")


@topics_cli.command("recount")
def recount() -> None:
    """Count all cities now, as the night does by itself."""
    click.echo(f"{count(db.session(), utc_now())} topics grow.")
