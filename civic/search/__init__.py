"""Finds complaints by words in Kazakh, Russian and English: one pipeline from text to terms, one index per database."""

from civic.app import CivicFlask


def init_app(app: CivicFlask) -> None:
    """Bind the commands."""
    from civic.search.cli import search_cli

    app.cli.add_command(search_cli)
