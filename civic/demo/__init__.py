"""The demonstration: an invented life of a city, made through the same services, and a page that shows its letters.

It exists only with CIVIC_DEMO=1.
"""

from flask import Flask

from civic.demo.seed import describe, make

__all__ = ["describe", "init_app", "make"]


def init_app(app: Flask) -> None:
    """Bind the page of letters."""
    from civic.demo.views import bp

    app.register_blueprint(bp)
