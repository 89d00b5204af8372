"""Looks into a PDF in a process of its own that cannot hurt the others: ``python -m civic.media.pdf FILE``.

A PDF is a program written by a stranger: memory and processor time of that process are bounded. It prints one line: the number
of pages, or ``refused CODE PAGES``.
"""

import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

MEMORY = 1024 * 1024 * 1024
SECONDS = 60


class PdfRefused(Exception):
    """This PDF cannot be used. code: ``pdf_locked``, ``pdf_unreadable``, or one of whoever wants it (``pages`` is what it has)."""

    def __init__(self, code: str, pages: int = 0) -> None:
        super().__init__(code, pages)
        self.code, self.pages = code, pages


def count_pages(file: Path) -> int:
    """How many pages it has. Raises ``PdfRefused``."""
    return int(run("civic.media.pdf", file))


def run(module: str, *arguments: Path) -> str:
    """What a module that calls ``bound`` prints about a file. Raises ``PdfRefused``, also when it runs into its bounds or crashes."""
    try:
        done = subprocess.run([sys.executable, "-m", module, *map(str, arguments)], capture_output=True, text=True, timeout=SECONDS * 2, check=False)
    except subprocess.TimeoutExpired as error:
        raise PdfRefused("pdf_unreadable") from error
    words = done.stdout.split()
    if words[:1] == ["refused"]:
        raise PdfRefused(words[1], int(words[2]))
    if done.returncode != 0 or len(words) != 1:
        raise PdfRefused("pdf_unreadable")
    return words[0]


def bound() -> None:
    """Give this process its bounds of memory and time."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


def opened(file: Path) -> Any:
    """The document; or the line to print, when it cannot be opened."""
    import pypdfium2  # type: ignore[import-untyped]

    try:
        return pypdfium2.PdfDocument(file)
    except pypdfium2.PdfiumError as error:
        return f"refused {'pdf_locked' if 'password' in str(error).lower() else 'pdf_unreadable'} 0"


def _count(file: Path) -> str:
    document = opened(file)
    return document if isinstance(document, str) else str(len(document))


if __name__ == "__main__":
    bound()
    print(_count(Path(sys.argv[1])))
