"""Commands of operators and moderators: what is used, which votes are suspect, which mail domains are allowed after all."""

import click
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.core.clock import utc_now
from civic.core.database import begin_write
from civic.core.errors import InputRefused
from civic.limits import disposable, votes
from civic.limits.models import AllowedDomain, QuotaUse
from civic.limits.quotas import QUOTAS, SCOPES

limits_cli = AppGroup("limits", help="Quotas, suspect votes, disposable mail domains.")


def _session() -> Session:
    from civic.extensions import db

    return db.session()


@limits_cli.command("show")
@with_appcontext
def show() -> None:
    """The table of quotas, and the most that anybody uses of each right now."""
    used = {(q, s): most for q, s, most in _session().execute(
        select(QuotaUse.quota, QuotaUse.scope, func.max(QuotaUse.used)).where(QuotaUse.until > utc_now()).group_by(QuotaUse.quota, QuotaUse.scope))}
    for name, quota in QUOTAS.items():
        parts = [f"{scope} {used.get((name, scope), 0)}/{quota.limit(scope)}" for scope in SCOPES if quota.limit(scope) is not None]
        click.echo(f"{name:16} in {quota.window!s:8} {'  '.join(parts)}")


@limits_cli.command("suspects")
@click.option("--state", type=click.Choice(["suspected", "invalid", "cleared"]), default="suspected", show_default=True)
@with_appcontext
def suspects(state: str) -> None:
    """Votes that look bought or made by a script, by what they are for. Changes nothing."""
    for group in votes.suspects(_session(), state):
        counted = "" if votes.KINDS[group.kind].counted(state) else ", not counted"
        signals = ", ".join(f"{name} {number}" for name, number in sorted(group.signals.items()))
        click.echo(f"{group.kind} {votes.KINDS[group.kind].name(_session(), group.subject_id)}: {len(group.votes)} {state} ({signals}{counted})")


@limits_cli.command("domains")
@click.option("--allow", metavar="DOMAIN", help="Take this domain for an ordinary one.")
@click.option("--forbid", metavar="DOMAIN", help="End that.")
@click.option("--reason", default="", help="Why; it is kept.")
@with_appcontext
def domains(allow: str | None, forbid: str | None, reason: str) -> None:
    """Mail domains that the list of disposable ones names, but that are allowed here."""
    session = _session()
    begin_write(session)
    if allow is not None:
        try:
            disposable.allow(session, allow, reason, utc_now())
        except InputRefused as error:
            raise click.ClickException(f"{allow[:80]!r} is no domain. Write one such as example.kz.") from error
    if forbid and not disposable.forbid(session, forbid):
        raise click.ClickException(f"{forbid} was not allowed.")
    session.commit()
    for row in session.scalars(select(AllowedDomain).order_by(AllowedDomain.domain)):
        click.echo(f"{row.domain}  {row.at:%Y-%m-%d}  {row.reason}")
