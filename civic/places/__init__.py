"""Cities, their districts and boundaries, and the days on which public bodies work."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Bind the pages and the commands."""
    from civic.places.cli import places_cli
    from civic.places.views import bp

    app.register_blueprint(bp)
    app.cli.add_command(places_cli)
