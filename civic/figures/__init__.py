"""What the city's complaints add up to: counters kept in the writing transaction, and the pages that show them."""

from civic.app import CivicFlask


def init_app(app: CivicFlask) -> None:
    """Bind the pages, the nightly comparison and the command."""
    from civic.figures import cli, tasks, views, wording

    app.jinja_env.globals["figures"] = wording  # macros are imported without context

    app.register_blueprint(views.bp)
    app.cli.add_command(cli.figures_cli)
    tasks.register(app, app.extensions["civic_queue"])
