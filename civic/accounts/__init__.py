"""People: accounts, proven e-mail addresses, and the posts that people hold in bodies and cities."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Bind the pages."""
    from civic.accounts.views import bp

    app.register_blueprint(bp)
