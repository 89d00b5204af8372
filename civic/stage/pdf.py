"""Takes a PDF apart into pictures, in a process of its own that cannot hurt the others: ``python -m civic.stage.pdf FILE FOLDER``.

Writes into one folder only (``0.jpg`` … ``19.jpg``); bounds and what is printed are those of ``civic.media.pdf``.
"""

import sys
from pathlib import Path

from civic.media.pdf import PdfRefused, bound, opened, run

SLIDES = 20
EDGE = 1600  # pixels of the longer side


def take_apart(file: Path, folder: Path) -> list[Path]:
    """The pages of ``file`` as JPEG pictures in ``folder``, in order.

    Raises ``PdfRefused``: ``pdf_pages`` (it has ``pages``), ``pdf_locked`` or ``pdf_unreadable``.
    """
    run("civic.stage.pdf", file, folder)
    drawn = [folder / f"{number}.jpg" for number in range(SLIDES)]
    if not all(path.exists() for path in drawn):
        raise PdfRefused("pdf_unreadable")
    return drawn


def _draw(file: Path, folder: Path) -> str:
    document = opened(file)
    if isinstance(document, str):
        return document
    if len(document) != SLIDES:
        return f"refused pdf_pages {len(document)}"
    for number in range(SLIDES):
        page = document[number]
        scale = EDGE / max(page.get_size())  # a page of 20,000 points is drawn as small as any other
        picture = page.render(scale=scale).to_pil().convert("RGB")
        picture.save(folder / f"{number}.jpg", "JPEG", quality=85)
        page.close()
    return str(SLIDES)


if __name__ == "__main__":
    bound()
    print(_draw(Path(sys.argv[1]), Path(sys.argv[2])))
