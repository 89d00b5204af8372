"""Programmes: discussions, topics and people of a project under one page, which another city can take over whole."""

from civic.app import CivicFlask


def init_app(app: CivicFlask) -> None:
    """Bind the pages and the command."""
    from civic.events.blueprint import TOOLS
    from civic.programmes import organiser_views, views
    from civic.programmes.cli import programme_cli

    app.register_blueprint(views.bp)
    app.register_blueprint(organiser_views.bp)
    app.cli.add_command(programme_cli)
    app.jinja_env.globals["programmes_of"] = views.programmes_of
    app.jinja_env.globals["programmes_of_organisation"] = organiser_views.own_links
    if organiser_views.offer not in TOOLS:
        TOOLS.append(organiser_views.offer)
