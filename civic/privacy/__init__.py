"""People's own data: what they agreed to, what is held, downloading and erasing it, and how long it is kept."""

from civic.app import CivicFlask


def init_app(app: CivicFlask) -> None:
    """Bind the pages, the jobs, the commands, and the writing of consents."""
    from civic.privacy import cli, service, tasks, views

    app.register_blueprint(views.bp)
    app.cli.add_command(cli.privacy_cli)
    tasks.register(app, app.extensions["civic_queue"])
    service.listen()
