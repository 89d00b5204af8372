"""The migrations: from nothing and from every step, there and back, and never behind the models."""

from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import delete, func, inspect, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from civic.complaints.models import ComplaintEvent
from civic.core.database import Base
from civic.places.models import ReferenceChange
from tests.support.complaints import Filed
from tests.support.database import Store, alembic_config, engine_for, migrate

REVISIONS = [r.revision for r in ScriptDirectory.from_config(alembic_config()).walk_revisions()][::-1]


@pytest.fixture
def engine(store):
    engine = engine_for(store.create("migrated"))
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def migrated(store):
    """``migrated(revision)``: an engine on a database that came from nothing to this revision. Each step on the way is taken once, then copied."""
    taken, engines = set(), []

    def reach(revision):
        for before, step in zip([None, *REVISIONS], REVISIONS[:REVISIONS.index(revision) + 1], strict=False):
            if step not in taken:
                engine = engine_for(store.copy(f"at_{before}", f"at_{step}") if before else store.create(f"at_{step}"))
                migrate(engine, step)
                engine.dispose()
                taken.add(step)
        engines.append(engine_for(store.copy(f"at_{revision}", f"from_{revision}")))
        return engines[-1]

    yield reach
    for engine in engines:
        engine.dispose()


def not_the_index(name, kind, _parents):
    """The index of the search is no model: each database has its own kind, made by 0003."""
    return kind != "table" or not name.startswith("search_index")


def drift(engine):
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": False, "include_name": not_the_index})
        return compare_metadata(context, Base.metadata)


def revision_of(engine):
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def tables(engine):
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_models_and_migrations_are_the_same(engine):
    migrate(engine)

    assert drift(engine) == []


def test_no_table_gives_the_number_of_a_removed_row_to_another(engine):
    """Cases of moderation, keys of jobs, signed links and the audit trail quote numbers without a foreign key."""
    migrate(engine)

    numbered = {table.name for table in Base.metadata.tables.values() if table.autoincrement_column is not None}
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            counted = set(connection.scalars(text("SELECT name FROM sqlite_master WHERE sql LIKE '%PRIMARY KEY AUTOINCREMENT%'")))
        else:
            counted = set(connection.scalars(text("SELECT table_name FROM information_schema.columns WHERE column_default LIKE 'nextval(%'")))
    assert len(numbered) > 60 and numbered - counted == set()


@pytest.mark.parametrize("revision", REVISIONS)
def test_upgrade_from_each_revision(migrated, revision):
    engine = migrated(revision)
    assert revision_of(engine) == revision

    migrate(engine)

    assert revision_of(engine) == REVISIONS[-1]
    assert drift(engine) == []


@pytest.mark.parametrize("revision", REVISIONS)
def test_each_revision_can_be_taken_back(migrated, revision):
    engine = migrated(revision)
    migrate(engine, "-1", down=True)
    migrate(engine, revision)

    assert revision_of(engine) == revision


def test_back_to_nothing_leaves_nothing(engine):
    migrate(engine)
    migrate(engine, "base", down=True)

    assert tables(engine) == set()


def test_a_migration_that_fails_changes_nothing(engine, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("the power went")

    monkeypatch.setattr("alembic.runtime.migration.HeadMaintainer.update_to_step", fail)
    with pytest.raises(RuntimeError, match="the power went"):
        migrate(engine)

    assert tables(engine) == set()


def test_foreign_keys_hold_after_migrating(engine):
    migrate(engine)

    with engine.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(text("INSERT INTO district (city_id, code, name, active) VALUES (999, 'x', '{}', true)"))


def test_a_migration_that_breaks_a_foreign_key_is_undone(engine):
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL checks each statement by itself")
    migrate(engine, REVISIONS[0])
    with engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute(text("INSERT INTO district (city_id, code, name, active) VALUES (999, 'x', '{}', true)"))
        connection.commit()

    with pytest.raises(RuntimeError, match="broke a foreign key"):
        migrate(engine)

    assert revision_of(engine) == REVISIONS[0]


@pytest.fixture
def event(filed: Filed, session: Session):
    complaint = filed()
    return session.scalars(select(ComplaintEvent).where(ComplaintEvent.complaint_id == complaint.id)).one()


@pytest.mark.parametrize("order", [
    update(ComplaintEvent).values(kind="answer"),
    delete(ComplaintEvent),
    update(ReferenceChange).values(kind="x"),
    delete(ReferenceChange),
], ids=["change event", "delete event", "change reference change", "delete reference change"])
def test_history_refuses_to_be_changed(event, session, order):
    session.add(ReferenceChange(at=datetime.now(UTC), kind="city", row_key="1"))
    session.commit()

    with pytest.raises(IntegrityError, match="only grows"):
        session.execute(order)
    session.rollback()
    assert session.get_one(ComplaintEvent, event.id).kind == "register"


def test_the_orm_cannot_change_history_either(event, session):
    event.text = "something nobody wrote"

    with pytest.raises(IntegrityError, match="only grows"):
        session.commit()


def test_history_cannot_be_emptied_at_once(event, session):
    if session.bind.dialect.name == "sqlite":
        pytest.skip("SQLite has no TRUNCATE")
    with pytest.raises(IntegrityError, match="only grows"):
        session.execute(text("TRUNCATE complaint_event CASCADE"))


def test_reference_data_is_seeded_once(store: Store):
    from civic.cli import seed_reference

    engine = engine_for(store.copy("template", "seeded"))
    with Session(engine) as session:
        before = session.scalar(select(func.count(ReferenceChange.id)))
        seed_reference(session, datetime.now(UTC))
        assert session.scalar(select(func.count(ReferenceChange.id))) == before
    engine.dispose()
