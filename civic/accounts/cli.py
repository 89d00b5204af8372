"""Commands for accounts: what no page can do, since nobody could open it yet."""

import click
from flask.cli import AppGroup

from civic.accounts import audit, letters, posts, sessions, two_factor
from civic.accounts.queries import account_of
from civic.core.actor import SYSTEM, RoleName
from civic.core.clock import utc_now
from civic.core.database import begin_write
from civic.core.errors import InputRefused

accounts_cli = AppGroup("accounts", help="Accounts of people.")


@accounts_cli.command("forget-second-factor")
@click.argument("email")
def forget_second_factor(email: str) -> None:
    """Let somebody in who has lost the phone and the recovery codes: after you have made sure who is asking."""
    from civic.extensions import db

    begin_write(db.session())
    user = account_of(db.session(), email)
    if user is None:
        raise click.ClickException(f"There is no account {email}.")
    two_factor.forget_all(db.session(), user)
    sessions.end_others(db.session(), user.id)
    audit.record(db.session(), SYSTEM, utc_now(), audit.Act.FACTOR_FORGOTTEN, about_user_id=user.id)
    letters.tell(user, "factor_off")
    db.session.commit()
    click.echo("Second factor and recovery codes are gone, all devices are signed out. At the next sign-in a new factor is asked for.")


@accounts_cli.command("make-administrator")
@click.argument("email")
def make_administrator(email: str) -> None:
    """Make the first administrator, who then gives all other posts on the pages of administration. The account must exist."""
    from civic.extensions import db

    begin_write(db.session())
    user = account_of(db.session(), email)
    if user is None or not user.active or user.confirmed_at is None:
        raise click.ClickException(f"There is no account {email} whose address is proven: sign up, and press the button in the letter.")
    try:
        posts.give(db.session(), user, RoleName.ADMINISTRATOR, SYSTEM, utc_now())
    except InputRefused as error:
        raise click.ClickException(f"{user.email} is an administrator already.") from error
    db.session.commit()
    click.echo(f"{user.email} is an administrator. The next page asks for a second factor.")
