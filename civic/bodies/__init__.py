"""Official bodies, categories of complaints, and which body answers for what."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Bind the pages of administration, the commands and the filter ``synonyms``."""
    from civic.bodies.cli import categories_cli
    from civic.bodies.views import bp
    from civic.bodies.words import synonyms

    app.register_blueprint(bp)
    app.cli.add_command(categories_cli)
    app.jinja_env.filters["synonyms"] = synonyms
