"""Photos: taken in fast, stripped of all metadata, re-encoded outside the request."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Bind the pages."""
    from civic.media.views import bp

    app.register_blueprint(bp)
