"""The counters of the map, kept in the transaction that moves a complaint."""

from sqlalchemy import BigInteger, Column, Integer, Table

from civic.complaints.states import State
from civic.core.database import Base

EVERYTHING = 0  # the category under which all are counted
NO_PLACE = 0  # the cell of those without a pin

#: How many public complaints of a category stand in each state in a cell, one column per state. Each is counted in the cells of
#: all resolutions, under its category, under the root of that and under ``EVERYTHING``. block: the cell two steps coarser.
cell_count = Table(
    "cell_count", Base.metadata,
    Column("city_id", Integer, primary_key=True, autoincrement=False),
    Column("category_id", Integer, primary_key=True, autoincrement=False),
    Column("block", BigInteger, primary_key=True, autoincrement=False),
    Column("cell", BigInteger, primary_key=True, autoincrement=False),
    *(Column(state.value, Integer, nullable=False, server_default="0") for state in State),
    sqlite_with_rowid=False,
)
