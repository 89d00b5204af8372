"""The documents people agree to: privacy and terms, as data. A change of meaning is a new version with a new date; old files stay."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Document:
    """One version of a document in three languages. Files: ``<name>-<version>.<language>.txt``; a line that begins with ``# `` is a heading."""

    name: str
    version: int
    since: date

    def blocks(self, language: str) -> tuple[tuple[str, str], ...]:
        """Its paragraphs, each with ``h2`` or ``p``."""
        return _read(HERE / f"{self.name}-{self.version}.{language}.txt")


@cache
def _read(path: Path) -> tuple[tuple[str, str], ...]:
    blocks = [" ".join(block.split()) for block in path.read_text(encoding="utf-8").split("\n\n") if block.strip()]
    return tuple(("h2", block[2:]) if block.startswith("# ") else ("p", block) for block in blocks)


PRIVACY = Document("privacy", 1, date(2026, 4, 1))
TERMS = Document("terms", 1, date(2026, 4, 1))
DOCUMENTS = {document.name: document for document in (PRIVACY, TERMS)}
