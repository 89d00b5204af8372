"""Commands about personal data."""

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from civic.core.clock import utc_now
from civic.privacy import retention
from civic.privacy.tasks import folders, tidy

privacy_cli = AppGroup("privacy", help="What is kept about people, and for how long.")


@privacy_cli.command("retention")
@click.option("--preview", "only_shown", is_flag=True, help="Show what would go (the default).")
@click.option("--yes", is_flag=True, help="Take it out now, as the worker does every night.")
@with_appcontext
def run(only_shown: bool, yes: bool) -> None:
    """How long each kind of data is kept, and how many rows are older."""
    from civic.extensions import db

    if only_shown or not yes:
        numbers = retention.preview(db.session(), utc_now())
        for name, kind in retention.KINDS.items():
            click.echo(f"{name:22} {kind.kept.days:5} days  {numbers[name]:7} would go: {kind.what}")
        for name, kept, where in retention.ELSEWHERE:
            click.echo(f"{name}: {kept} ({where})")
        return
    for name, number in tidy(db.session(), folders(current_app), utc_now()).items():
        click.echo(f"{name}: {number}")
