"""What operators do for moderators: a decision about suspect votes, which the city's trail shows like one of the page."""

import click
from flask.cli import with_appcontext

from civic.core.actor import SYSTEM
from civic.core.clock import utc_now
from civic.core.database import begin_write
from civic.extensions import db
from civic.limits import votes
from civic.moderation.service import decide_votes


@click.command("decide")
@click.argument("kind")
@click.argument("subject")
@click.argument("decision", type=click.Choice(["invalid", "cleared", "restored"]))
@click.option("--reason", required=True, help="Why; it is kept.")
@click.option("--yes", is_flag=True, help="Do it; without this it is only shown.")
@with_appcontext
def decide(kind: str, subject: str, decision: str, reason: str, yes: bool) -> None:
    """Take suspect votes out of the public number (invalid), believe them (cleared), or put invalid ones back (restored)."""
    session = db.session()
    if kind not in votes.KINDS:
        raise click.ClickException(f"Kinds of votes: {', '.join(votes.KINDS)}")
    subject_id = votes.KINDS[kind].find(session, subject)
    if subject_id is None:
        raise click.ClickException("There is no such thing.")
    state, target = ("invalid", "cleared") if decision == "restored" else ("suspected", decision)
    number = sum(len(g.votes) for g in votes.suspects(session, state, kind, subject_id))
    if not yes:
        click.echo(f"{number} votes would go from {state} to {target}. Nothing was changed; --yes does it.")
        return
    begin_write(session)
    done = decide_votes(session, kind, subject_id, state, target, reason, SYSTEM, utc_now())
    session.commit()
    click.echo(f"{done} votes went from {state} to {target}.")
