"""``flask permissions``: the table, as it is computed now."""

import csv
import sys
from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import with_appcontext

if TYPE_CHECKING:
    from civic.permissions.table import Line  # made at the call: no start of the product needs the table


@click.command("permissions")
@click.option("--csv", "as_csv", is_flag=True, help="One line per cell: address, method, thing, state, role, yes or no.")
@with_appcontext
def permissions(as_csv: bool) -> None:
    """Which role may open which address, in which states of the thing. Addresses that are not here are open to everybody."""
    from civic.permissions.rows import ROWS
    from civic.permissions.sample import ROLES
    from civic.permissions.table import lines

    table = list(lines(current_app, ROWS))
    if as_csv:
        writer = csv.writer(sys.stdout)
        writer.writerow(["address", "method", "thing", "state", "role", "may"])
        for line in table:
            for state in line.states or ("",):
                writer.writerows([line.name, line.method, line.thing, state, role, "yes" if role in line.roles else "no"] for role in ROLES)
        return
    _draw(table, list(ROLES))


def _draw(table: "list[Line]", roles: list[str]) -> None:
    from rich.console import Console
    from rich.table import Table

    drawn = Table("address", "thing", "in the states", *(str(n) for n in range(1, len(roles) + 1)), title="Who may open what")
    for line in table:
        marks = ("●" if role in line.roles else "·" for role in roles)
        drawn.add_row(f"{line.method} {line.name}", line.thing, ", ".join(line.states), *marks)
    console = Console(width=None if sys.stdout.isatty() else 200)
    console.print(drawn)
    console.print("   ".join(f"{number} {role}" for number, role in enumerate(roles, 1)))
