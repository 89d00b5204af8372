"""``flask figures …``."""

import click
from flask.cli import AppGroup

from civic.extensions import db
from civic.figures import recount as recounting

figures_cli = AppGroup("figures", help="The counters behind the figures of cities, bodies and categories.")
MOST_SHOWN = 50


@figures_cli.command("recount")
@click.option("--mend", is_flag=True, help="Set right what differs. The service may go on meanwhile.")
def recount(mend: bool) -> None:
    """Compare the counters with complaints and their histories, and show what differs.

    Ends with code 1 when something differs and was not mended.
    """
    session = db.session()
    with click.progressbar(length=1, label="Complaints", show_pos=True) as bar:
        def progress(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        found = recounting.differences(session, progress)
    for key, held, right in found[:MOST_SHOWN]:
        days = f", {key.days} working days" if key.days else ""
        click.echo(f"{key.scope} {key.scope_id}, {key.measure}, {key.day}{days}: {held}, should be {right}")
    if len(found) > MOST_SHOWN:
        click.echo(f"… and {len(found) - MOST_SHOWN} more")
    if not found:
        click.echo("The counters are right.")
    elif mend:
        recounting.mend(session, found)
        click.echo(f"Mended: {len(found)}")
    else:
        raise click.ClickException(f"{len(found)} counters differ; --mend sets them right")
