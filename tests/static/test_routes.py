"""Every address declares who may use it: quick, without a database, so that ``make check`` finds the one that does not."""

from pathlib import Path

import pytest

from civic import create_app
from civic.config import Settings
from tests.test_permissions import OF_LIBRARIES


@pytest.mark.parametrize("demo", ["0", "1"])
def test_every_address_declares_who_may_use_it(tmp_path: Path, demo: str) -> None:
    app = create_app(Settings.read({"CIVIC_INSTANCE": str(tmp_path), "CIVIC_DEMO": demo, "SECRET_KEY": "only the addresses are looked at here"}))
    undeclared = {rule.endpoint for rule in app.url_map.iter_rules() if not hasattr(app.view_functions[rule.endpoint], "access")}
    assert undeclared - OF_LIBRARIES == set()


def test_the_demonstrations_addresses_exist_in_the_demonstration_alone(tmp_path: Path) -> None:
    app = create_app(Settings.read({"CIVIC_INSTANCE": str(tmp_path), "SECRET_KEY": "only the addresses are looked at here"}))
    assert [rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/demo")] == []
