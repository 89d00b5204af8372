"""What holds floods and frauds off: quotas, a proof of work, disposable mail domains, suspect votes."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Bind the mark of devices, the commands and the sweeps."""
    from civic.limits import cli, service, votes
    from civic.web import limits

    limits.init_app(app)
    app.cli.add_command(cli.limits_cli)
    app.extensions["civic_queue"].sweeps += [service.forget, votes.mark_suspects, votes.forget_origins]
