"""The index of the search: FTS5 on SQLite, a tsvector with a GIN index on PostgreSQL. Both hold the terms that ``civic/search/words.py`` makes.

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
    op.execute("CREATE INDEX ix_search_index_terms ON search_index USING gin (terms) WITH (fastupdate = off)")


def downgrade() -> None:
    op.execute("DROP TABLE search_index")
