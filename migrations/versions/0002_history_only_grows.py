"""History only grows: the database itself refuses to change or delete it. And cities point at their default body.

The foreign key from city to body closes a circle, so PostgreSQL gets it after both tables; SQLite has it from 0001.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

HISTORY = ("complaint_event", "reference_change")


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in HISTORY:
            for step in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{step.lower()} BEFORE {step} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} only grows'); END"
                )
        return
    op.create_foreign_key("fk_city_default_body_id", "city", "body", ["default_body_id"], ["id"])
    op.execute("""
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '% only grows', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$
    """)
    for table in HISTORY:
        op.execute(f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} EXECUTE FUNCTION refuse_change()")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in HISTORY:
            for step in ("update", "delete"):
                op.execute(f"DROP TRIGGER {table}_no_{step}")
        return
    for table in HISTORY:
        op.execute(f"DROP TRIGGER {table}_only_grows ON {table}")
    op.execute("DROP FUNCTION refuse_change()")
    op.drop_constraint("fk_city_default_body_id", "city", type_="foreignkey")
