"""The vocabulary of the index. The index itself is made by a migration, for each database in its own way (``index``)."""

from sqlalchemy import SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from civic.core.database import Base
from civic.search.words import LONGEST

ENOUGH = 10


class SearchWord(Base):
    """A word or a stem that occurs in a complaint, folded: for beginnings of words and for mistakes of typing.

    seen: in how many complaints, counted up to ``ENOUGH`` and no further: filing would otherwise wait in line for the row of
    each everyday word.
    """

    __tablename__ = "search_word"

    word: Mapped[str] = mapped_column(
        String(LONGEST).with_variant(String(LONGEST, collation="C"), "postgresql"), primary_key=True)  # compared by code point, as SQLite does
    seen: Mapped[int] = mapped_column(SmallInteger)
