"""``flask map …``: the counters behind the map."""

from collections.abc import Iterable

import click
from flask.cli import AppGroup

from civic.complaints import map_counts
from civic.core.database import begin_write
from civic.extensions import db
from civic.figures.recount import begin_snapshot

map_cli = AppGroup("map", help="The counters behind the map's clusters.")


@map_cli.command("recount")
@click.option("--mend", is_flag=True, help="Set right what differs. The service may go on meanwhile.")
def recount(mend: bool) -> None:
    """Compare the map's cells and counters with the complaints.

    Ends with code 1 when something differs and was not mended.
    """
    session = db.session()
    without = map_counts.without_cell(session)
    if without and mend:
        _show("Cells", without, map_counts.fill_cells(session, begin_write))
        without = 0
    begin_snapshot(session)
    found = map_counts.differences(session)
    session.rollback()
    if not found and not without:
        click.echo("The counters are right.")
    elif mend:
        _show("Counters", len(found), map_counts.mend(session, found, begin_write))
        click.echo(f"Mended: {len(found)}")
    else:
        raise click.ClickException(f"{len(found)} counters differ, {without} complaints have no cell; --mend sets them right")


def _show(label: str, total: int, parts: Iterable[int]) -> None:
    with click.progressbar(length=total, label=label, show_pos=True) as bar:
        for done in parts:
            bar.update(done)
