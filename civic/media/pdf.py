"""Looks into a PDF in a process of its own that cannot hurt the others: ``python -m civic.media.pdf FILE``.

A PDF is a program written by a stranger: memory and processor time of that process are bounded. It prints one line: the number
of pages, or ``refused CODE PAGES``. With a second file it writes there what may be published, see ``publishable``.
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


def publishable(file: Path, target: Path) -> int:
    """Write the PDF anew without what its authors did not mean to publish: who made it and with what, earlier states, comments, attached
    files, scripts, what cameras wrote into its photos. Text, links, outline and structure stay. Gives the number of pages. Raises ``PdfRefused``."""
    return int(run("civic.media.pdf", file, target))


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


#: Of any object: its history, data of the programs that made it, what runs by itself, files that belong to it.
_HIDDEN = ("/Metadata", "/PieceInfo", "/LastModified", "/OpenAction", "/AA", "/AF", "/EmbeddedFiles", "/JavaScript", "/Collection", "/Thumb")
_SHOWN_NOTES = ("/Link", "/Widget")


def _publish(file: Path, target: Path) -> None:
    from pypdf import PdfReader, PdfWriter
    from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject

    reader = PdfReader(file)
    if reader.is_encrypted:
        reader.decrypt("")
    writer = PdfWriter(clone_from=reader)
    writer.metadata = None
    for page in writer.pages:
        if "/Annots" in page:
            notes: Any = page["/Annots"].get_object()
            page[NameObject("/Annots")] = ArrayObject(note for note in notes if note.get_object().get("/Subtype") in _SHOWN_NOTES)
    for found in writer._objects:
        if isinstance(found, DictionaryObject):
            for name in _HIDDEN:
                found.pop(name, None)
        if isinstance(found, StreamObject) and found.get("/Filter") in ("/DCTDecode", ["/DCTDecode"]):
            found._data = without_notes(found._data)
    writer.compress_identical_objects(remove_duplicates=False, remove_unreferenced=True)
    writer.write(target)


def without_notes(jpeg: bytes) -> bytes:
    """A JPEG without the segments in which cameras and programs write about it (Exif, XMP, IPTC, comments); the picture is untouched."""
    kept, at = [jpeg[:2]], 2
    while jpeg[at:at + 1] == b"\xff" and jpeg[at + 1:at + 2] not in (b"\xda", b""):  # until the picture begins
        end = at + 2 + int.from_bytes(jpeg[at + 2:at + 4], "big")
        if jpeg[at + 1] not in (0xE1, 0xED, 0xFE):
            kept.append(jpeg[at:end])
        at = end
    return b"".join(kept) + jpeg[at:]


if __name__ == "__main__":
    bound()
    answer = _count(Path(sys.argv[1]))
    if answer.isdecimal() and len(sys.argv) > 2:
        _publish(Path(sys.argv[1]), Path(sys.argv[2]))
    print(answer)
