"""What the product refuses to start with."""

from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy.orm import Session

from civic.app import CivicFlask
from civic.config import ROOT, Settings, SettingWrong
from civic.refusals import KNOWN_PASSWORDS, weak_secret
from tests.support.people import People

SECRET = "4f1d9c07be52a86334e0d7915ac8fb62"
PRODUCTION = {"SECRET_KEY": SECRET, "PUBLIC_URL": "https://civic.example.kz"}


@pytest.mark.parametrize(("secret", "says"), [
    ("short", "at least 32"), ("x" * 32, "repeats itself"), ("abc123" * 6, "repeats itself"), ("abcdefgh" * 4 + "ab", "repeats itself"), ("00112233444433221100012340123441", "too few"),
    ("changeme-changed-0f8c1e5b7a3d9264", "from an example"), ("this-is-my-Secret-key-0f8c1e5b7a3", "from an example"), ("django-insecure-0f8c1e5b7a3d926bc4", "from an example"), ("0123456789abcdefghijklmnopqrstuvw", "from an example"),
])
def test_a_secret_that_others_can_guess_is_refused(tmp_path: Path, secret: str, says: str) -> None:
    with pytest.raises(SettingWrong, match="SECRET_KEY .*" + says):
        Settings.read({**PRODUCTION, "CIVIC_INSTANCE": str(tmp_path), "SECRET_KEY": secret})


def test_secrets_that_are_drawn_by_lot_are_taken() -> None:
    from secrets import token_hex, token_urlsafe

    assert {weak_secret(make(size)) for make in (token_hex, token_urlsafe) for size in (32, 48) for _ in range(300)} == {None}


def test_there_is_no_default_for_any_secret(tmp_path: Path) -> None:
    with pytest.raises(SettingWrong, match="SECRET_KEY is missing"):
        Settings.read({"CIVIC_INSTANCE": str(tmp_path), "PUBLIC_URL": "https://civic.example.kz"})
    assert not (tmp_path / "secret_key").exists()


@pytest.mark.parametrize(("changes", "says"), [
    ({"PUBLIC_URL": "http://civic.example.kz"}, "PUBLIC_URL must begin with https://"), ({"PUBLIC_URL": "http://10.0.0.5"}, "PUBLIC_URL must begin with https://"), ({"PUBLIC_URL": "civic.example.kz"}, "PUBLIC_URL must be the address"),
    ({"PUBLIC_URL": "https://civic.example.kz/path"}, "PUBLIC_URL must be the address"), ({"PUBLIC_URL": "https://user@civic.example.kz"}, "PUBLIC_URL must be the address"), ({"PUBLIC_URL": "ftp://civic.example.kz"}, "PUBLIC_URL must be the address"),
    ({"PUBLIC_URL": "http://localhost.civic.example.kz"}, "PUBLIC_URL must begin"), ({"CIVIC_DEMO": "1"}, "PUBLIC_URL is a public address while CIVIC_DEMO=1"),
    ({"DATABASE_URL": "postgresql://civic:postgres@db/civic"}, "DATABASE_URL holds a password"), ({"DATABASE_URL": "postgresql://civic:@db/civic"}, "DATABASE_URL holds a password"), ({"MAIL_URL": "smtp://a:changeme@mail.kz"}, "MAIL_URL holds a password"),
    ({"QUEUE_URL": "redis://:secret@queue/0"}, "QUEUE_URL holds a password"), ({"TRUSTED_HOSTS": "*"}, "TRUSTED_HOSTS must be names"), ({"TRUSTED_HOSTS": "https://x.kz"}, "TRUSTED_HOSTS must be names"), ({"MEDIA_ACCEL": "yes"}, "MEDIA_ACCEL must be 0 or 1"),
    ({"SECURITY_CONTACT": "security@civic.example.kz"}, "SECURITY_CONTACT must begin"), ({"SECURITY_CONTACT": "mailto:a@b.kz\nX: y"}, "SECURITY_CONTACT must begin"), ({"TILES_URL": "https://tiles.kz; script-src *//{z}"}, "TILES_URL must be an address"),
    ({"TILES_URL": "javascript:alert(1)"}, "TILES_URL must be an address"), ({"TWO_FACTOR": "off"}, "TWO_FACTOR=off is for the demonstration only"), ({"OUTGOING_PRIVATE_HOSTS": "http://10.0.0.1/"}, "OUTGOING_PRIVATE_HOSTS must be names"),
])
def test_production_refuses_to_start(tmp_path: Path, changes: dict[str, str], says: str) -> None:
    with pytest.raises(SettingWrong) as refused:
        Settings.read({**PRODUCTION, "CIVIC_INSTANCE": str(tmp_path), **changes})
    assert says in refused.value.message
    assert not any(secret in refused.value.message for secret in KNOWN_PASSWORDS - {"", "pass", "test", "root", "civic", "example", "admin", "password", "secret"})  # what was typed is not repeated in logs


@pytest.mark.parametrize("changes", [{}, {"PUBLIC_URL": "http://127.0.0.1:8000"}, {"PUBLIC_URL": "http://localhost"}, {"PUBLIC_URL": "https://civic.example.kz/"}, {"TRUSTED_HOSTS": "www.civic.example.kz, civic.kz"}, {"SECURITY_CONTACT": "https://civic.example.kz/contact"},
                                     {"CIVIC_DEMO": "1", "PUBLIC_URL": "http://demo.example.kz"}, {"CIVIC_DEMO": "1", "PUBLIC_URL": "http://127.0.0.1:8000", "SECRET_KEY": ""}, {"DATABASE_URL": "postgresql://civic:Kq8-tR2v@db/civic"},
                                     {"DATABASE_URL": "postgresql://civic@/civic"}, {"DATABASE_URL": "postgresql://civic:civic@127.0.0.1/civic"}])
def test_good_settings_are_taken(tmp_path: Path, changes: dict[str, str]) -> None:
    assert Settings.read({**PRODUCTION, "CIVIC_INSTANCE": str(tmp_path), **changes}).trusted_hosts


def _prepare(app: CivicFlask) -> Result:
    return app.test_cli_runner().invoke(args=["prepare"])


def test_the_demonstrations_accounts_do_not_come_into_production(app: CivicFlask, session: Session, people: People) -> None:
    """Whoever turned a demonstration into the real thing is told, before anything serves: its passwords are known."""
    assert _prepare(app).exit_code == 0
    people.account("official@demo.test")
    session.commit()
    refused = _prepare(app)
    assert (refused.exit_code, "demonstration" in refused.output) == (1, True)
    session.rollback()


def test_every_test_that_the_guide_names_exists() -> None:
    import re

    guide = (ROOT / "docs" / "security.md").read_text()
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", guide)
    assert len(named) > 25
    missing = [(file, test) for file, test in named if not (ROOT / file).exists() or (test and f"def {test}(" not in (ROOT / file).read_text())]
    assert missing == []
    advisories = set(re.findall(r"def (test_\w+)\(", (ROOT / "tests" / "test_advisories.py").read_text()))
    listed = {test for file, test in named if file == "tests/test_advisories.py"}
    assert listed <= advisories and len(listed) >= 25
