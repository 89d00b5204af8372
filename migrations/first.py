"""Writes 0001 anew from the models: ``make first-migration``. Only until the first release; then revisions are added."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

HERE = Path(__file__).resolve().parent
FIRST = HERE / "versions" / "0001_tables.py"


def main() -> None:
    """Compare the models with an empty database and write down the difference. Nothing changes in versions/ before it is whole."""
    with tempfile.TemporaryDirectory() as folder:
        scripts = Path(folder) / "migrations"
        shutil.copytree(HERE, scripts, ignore=shutil.ignore_patterns("versions", "__pycache__"))
        (scripts / "versions").mkdir()
        config = Config(HERE / "alembic.ini")
        config.set_main_option("script_location", str(scripts))
        with create_engine("sqlite://").connect() as connection:
            config.attributes["connection"] = connection
            command.revision(config, "tables", autogenerate=True, rev_id="0001")
        written = scripts / "versions" / FIRST.name
        subprocess.run([sys.executable, "-m", "ruff", "check", "--quiet", "--fix", "--isolated", written], check=True)
        shutil.copyfile(written, FIRST)


main()
