"""Takes pictures of the main pages of a demonstration of its own: ``make shots``, or ``python -m tests.support.shots``."""

import io
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import click
from PIL import Image, ImageDraw
from playwright.sync_api import sync_playwright

from civic.config import ROOT
from tests.support.browser import CHROMIUM, Service
from tests.support.pages import MainPage, main_pages, make_drafts, sign_in_all

WIDTHS = {360: 740, 1280: 900}
#: Pages that are also taken in Russian, in English and in the dark.
ALSO = ("front", "list", "tracking-in_work", "tracking-overdue", "tracking-to-confirm", "report-matter", "desk-item", "load", "sign-in")


class Shot(NamedTuple):
    """One picture."""

    page: MainPage
    lang: str
    width: int
    dark: bool

    @property
    def file(self) -> str:
        """Name of the picture, without a folder."""
        return f"{self.page.name}-{self.lang}-{self.width}{'-dark' if self.dark else ''}.png"

    @property
    def browser(self) -> tuple[int, bool, str]:
        """Shots that share a browser context."""
        return self.width, self.dark, self.page.who


def shots_of(pages: list[MainPage]) -> list[Shot]:
    """Every page in Kazakh, light, at both widths; some in the other languages and dark."""
    also = [page for page in pages if page.name in ALSO]
    shots = [Shot(page, "kk", width, False) for page in pages for width in WIDTHS]
    shots += [Shot(page, lang, width, False) for page in also for lang, width in (("ru", 360), ("ru", 1280), ("en", 1280))]
    shots += [Shot(page, "kk", width, True) for page in also for width in WIDTHS]
    return sorted(shots, key=lambda shot: shot.browser)


def tile() -> bytes:
    """A drawn piece of streets: pictures are taken without a tile server."""
    image = Image.new("RGB", (256, 256), "#efe9dc")
    draw = ImageDraw.Draw(image)
    draw.rectangle((150, 20, 236, 100), fill="#d3e3c4")
    for start, end, width in (((0, 64), (256, 64), 9), ((0, 190), (256, 190), 9), ((110, 0), (110, 256), 14), ((30, 190), (30, 256), 6), ((190, 64), (190, 190), 6)):
        draw.line((start, end), fill="#ffffff", width=width)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@contextmanager
def demonstration() -> Iterator[Service]:
    """The product with its demonstration city, in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        service = Service(Path(folder), demo=True, extra={"TILES_ATTRIBUTION": "Invented streets"})
        click.echo("Making the demonstration…")
        service.flask("prepare")
        service.flask("demonstrate")
        service.deliver()
        try:
            yield service.start("web server", "worker")
        finally:
            service.stop()


@contextmanager
def chromium() -> Iterator[Any]:
    """Debian's Chromium."""
    path = shutil.which("chromium") or sys.exit("Chromium is missing: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM))
        yield browser
        browser.close()


def take(browser: Any, service: Service, shots: list[Shot], folder: Path) -> None:
    """Take them, with a progress bar."""
    def new_context(width: int = 1280, dark: bool = False, **options: Any) -> Any:
        return browser.new_context(base_url=service.url, viewport={"width": width, "height": WIDTHS[width]}, reduced_motion="reduce",
                                   color_scheme="dark" if dark else "light", **options)

    states, drawn = sign_in_all(new_context), tile()
    with click.progressbar(length=len(shots), label="Pictures", show_pos=True) as bar:
        for (width, dark, who), group in groupby(shots, key=lambda shot: shot.browser):
            context = new_context(width, dark, **({"storage_state": states[who]} if who else {}))
            page = context.new_page()
            page.route("**/no-tiles/**", lambda route: route.fulfill(body=drawn, content_type="image/png"))
            for shot in group:
                shot.page.open(page, shot.lang)
                page.wait_for_load_state("networkidle")
                page.screenshot(path=folder / shot.file, full_page=True)
                bar.update(1)
            context.close()


@click.command()
@click.argument("names", nargs=-1)
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), default=ROOT / "instance" / "shots", show_default=True)
def main(names: tuple[str, ...], folder: Path) -> None:
    """Take pictures of all main pages, or of those whose name begins with one of NAMES."""
    folder.mkdir(parents=True, exist_ok=True)
    with demonstration() as service, chromium() as browser:
        drafts = make_drafts(service, lambda **options: browser.new_context(base_url=service.url, java_script_enabled=False).new_page())
        shots = [s for s in shots_of(main_pages(service, drafts)) if not names or s.page.name.startswith(names)]
        take(browser, service, shots, folder)
    click.echo(f"{len(shots)} pictures are in {folder}")


if __name__ == "__main__":
    main()
