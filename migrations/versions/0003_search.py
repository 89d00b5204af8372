"""The index of the search: FTS5 on SQLite, a tsvector with a GIN index on PostgreSQL. Both hold the terms that ``civic/search/words.py`` makes.

GIN knows no order, and reads the whole list of a common word. So its terms begin with the block that the complaint's id lies in, and a search goes from
the newest block to the oldest until it has enough.

FTS5 only splits at blanks (its ``ascii`` tokenizer leaves every other script alone) and keeps no positions, which nobody asks for. GIN writes at once
(``fastupdate`` off): a list of pending rows would slow each search down until it is merged.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE search_index USING fts5 (terms, tokenize = \"ascii tokenchars '_'\", detail = none, columnsize = 0)"
        )
        return
    op.execute("CREATE TABLE search_index (rowid integer CONSTRAINT pk_search_index PRIMARY KEY, terms tsvector NOT NULL)")
    op.execute("""
        CREATE FUNCTION search_blocks(id integer, terms tsvector) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
        AS $$ SELECT array_to_tsvector(ARRAY(SELECT (id >> 15)::text || ':' || term FROM unnest(tsvector_to_array(terms)) AS term)) $$
    """)
    op.execute("CREATE INDEX ix_search_index_blocks ON search_index USING gin (search_blocks(rowid, terms)) WITH (fastupdate = off)")


def downgrade() -> None:
    op.execute("DROP TABLE search_index")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION search_blocks")
