"""The history of events only grows, too."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLE = "event_step"


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.execute(f"CREATE TRIGGER {TABLE}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {TABLE} EXECUTE FUNCTION refuse_change()")
        return
    for step in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {TABLE}_no_{step.lower()} BEFORE {step} ON {TABLE} "
            f"BEGIN SELECT RAISE(ABORT, '{TABLE} only grows'); END"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.execute(f"DROP TRIGGER {TABLE}_only_grows ON {TABLE}")
        return
    for step in ("update", "delete"):
        op.execute(f"DROP TRIGGER {TABLE}_no_{step}")
