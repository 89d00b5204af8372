"""Writes 0001 anew from the models: ``make first-migration``. Only until the first release; then revisions are added."""

import subprocess
import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

HERE = Path(__file__).resolve().parent
FIRST = HERE / "versions" / "0001_tables.py"


def main() -> None:
    """Compare the models with an empty database and write down the difference."""
    later = {p: p.read_text() for p in (HERE / "versions").glob("*.py") if p != FIRST}
    for path in [*later, FIRST]:
        path.unlink(missing_ok=True)
    config = Config(HERE / "alembic.ini")
    config.set_main_option("script_location", str(HERE))
    try:
        with create_engine("sqlite://").connect() as connection:
            config.attributes["connection"] = connection
            command.revision(config, "tables", autogenerate=True, rev_id="0001")
    finally:
        for path, text in later.items():
            path.write_text(text)
    subprocess.run([sys.executable, "-m", "ruff", "check", "--quiet", "--fix", FIRST], check=True)


main()
