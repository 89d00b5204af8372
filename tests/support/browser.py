"""The whole product running (web server, worker, browser) for tests that need it so."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from civic.app import CivicFlask
from civic.config import ROOT
from tests.support.database import free_port
from tests.support.shared import Shared

#: What Playwright switches off, and the two pages that wait behind the address bar of each window: nobody types there, and they cost as much
#: processor time as a dozen pages of ours. Chromium heeds the last such list alone, so this one is whole.
WITHOUT = ("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter",
           "PaintHolding", "ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect", "TcpPortRandomizationWin", "OptimizationHints",
           "NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch", "WebUIOmniboxPopup", "WebUIOmniboxAimPopup")
CHROMIUM = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--no-first-run", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost", "--disable-features=" + ",".join(WITHOUT))
#: Milliseconds for a page or a change in it: only a test that fails waits so long, and a machine that is busy with something else may take 20 s.
PATIENCE = 60_000
#: Rules of WCAG 2.2 AA, and axe's own good practice.
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass
class Service:
    """The product as its own programs, in a folder of its own. ``start`` what is needed; all is ended by ``stop``."""

    instance: Path
    demo: bool = False
    extra: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Address of the front page, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        """The environment of its programs."""
        return {**os.environ, "CIVIC_INSTANCE": str(self.instance), "DATABASE_URL": f"sqlite:///{self.instance / 'civic.db'}",
                "SECRET_KEY": "the tests sign with this one, nobody else does", "PORT": str(self.port), "PUBLIC_URL": self.url, "CIVIC_DEMO": "1" if self.demo else "0",
                "DEMO_PASSWORD": "a long enough password", "TILES_URL": f"{self.url}/no-tiles/{{z}}/{{x}}/{{y}}.png",
                "SQLITE_SYNCHRONOUS": "NORMAL", "PAGE_CACHE_SECONDS": "0", "LIMITS_FACTOR": "100", **self.extra}

    def flask(self, *words: str) -> str:
        """Run a command to its end; gives what it printed."""
        done = subprocess.run([sys.executable, "-m", "flask", *words], cwd=ROOT, env=self.env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, *names: str) -> "Service":
        """Start programs by name: ``web server``, ``worker``; waits until the web server answers."""
        from civic.cli import programs, start

        for name in names:
            self.running[name] = start(programs(self.port)[name], self.env)
        if "web server" in names:
            self.wait()
        return self

    def wait(self, seconds: float = 90) -> None:
        """Wait until pages are answered."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                urllib.request.urlopen(f"{self.url}/kk/", timeout=5).close()
                return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)
        raise AssertionError("the web server does not answer")

    def stop(self) -> None:
        """End what was started."""
        for program in self.running.values():
            program.terminate()
        for program in self.running.values():
            try:
                program.wait(15)
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait()
        self.running.clear()

    def deliver(self) -> None:
        """Have everything that waits delivered now."""
        self.flask("deliver")


@pytest.fixture(scope="session")
def live_server(tmp_path_factory: pytest.TempPathFactory, shared: Shared, built_front_end: Path) -> Iterator[Service]:
    """The product with its demonstration city: gunicorn and a worker, for tests in a browser. Shared by those of this process."""
    def make(folder: Path) -> None:
        service = Service(folder, demo=True)
        service.flask("prepare")
        service.flask("demonstrate")

    folder = tmp_path_factory.mktemp("live")
    shutil.copytree(shared("demonstration", make), folder, dirs_exist_ok=True)
    service = Service(folder, demo=True)
    try:
        yield service.start("web server", "worker")
    finally:
        service.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One Chromium for the run, Debian's own."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.fail("Chromium is missing: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM))
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium: Any, live_server: Service) -> Iterator[Callable[..., Any]]:
    """Makes pages: ``new_page(phone=True, javascript=False, dark=True, locale="ru")``. What their console calls an error fails the test."""
    contexts, errors = [], []

    def make(*, phone: bool = False, javascript: bool = True, dark: bool = False, locale: str = "kk", **options: Any) -> Any:
        size = {"width": 360, "height": 740} if phone else {"width": 1280, "height": 900}
        context = chromium.new_context(base_url=live_server.url, viewport=size, java_script_enabled=javascript, locale=locale,
                                       color_scheme="dark" if dark else "light", reduced_motion="reduce", **options)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if _is_error(message) else None)
        return page

    yield make
    for context in contexts:
        context.close()
    assert not errors, f"the browser's console says: {errors}"


@pytest.fixture
def address(app: CivicFlask, built_front_end: Path) -> Iterator[str]:
    """The application of the test, answering browsers."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def browsers(chromium: Any, address: str) -> Iterator[Callable[..., Any]]:
    """Makes browsers of different people before the application of the test; what their consoles call an error fails the test."""
    contexts, errors = [], []

    def make(*, phone: bool = False, javascript: bool = True) -> Any:
        size = {"width": 360, "height": 740} if phone else {"width": 1280, "height": 900}
        context = chromium.new_context(base_url=address, viewport=size, java_script_enabled=javascript, reduced_motion="reduce")
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: errors.append(message.text) if _is_error(message) else None)
        return page

    yield make
    for context in contexts:
        context.close()
    assert not errors, f"the browser's console says: {errors}"


def _is_error(message: Any) -> bool:
    """An error of ours. A picture of the map that could not be loaded, or an answer of 4xx that was asked for, is none."""
    return message.type == "error" and "Failed to load resource" not in message.text


@pytest.fixture
def browser_page(new_page: Callable[..., Any]) -> Any:
    """A page of a desktop browser."""
    return new_page()


AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"


def bring_axe(page: Any) -> None:
    """Have axe-core in every page that this one's context opens: a third of the time of giving it to each page when it is asked for."""
    page.context.add_init_script(path=AXE)


def assert_accessible(page: Any, *, colours_only: bool = False) -> None:
    """Runs axe-core on the page as it stands; fails with what it found and where.

    colours_only: the rules about colours alone, for a page that was checked as a whole and now stands in another light.
    """
    assert AXE.exists(), "axe-core is missing: npm ci"
    if not page.evaluate("() => 'axe' in window"):
        # through the debugger, not a <script>: the page's own policy forbids inline scripts
        page.evaluate(AXE.read_text() + ";0")
    wanted = {"type": "rule", "values": ["color-contrast"]} if colours_only else {"type": "tag", "values": AXE_TAGS}
    found = page.evaluate("wanted => axe.run(document, {runOnly: wanted, resultTypes: ['violations'], preload: false}).then(r => r.violations)", wanted)
    problems = [{"rule": v["id"], "says": v["help"], "where": [n["target"] for n in v["nodes"]]} for v in found]
    assert not problems, f"{page.url}: {json.dumps(problems, ensure_ascii=False, indent=1)}"


def send(page: Any) -> None:
    """Press the last button of the page's last form."""
    page.locator("main form button[type=submit]").last.click()


def sign_in(page: Any, email: str, password: str = "a long enough password", language: str = "kk") -> None:
    """Sign in through the page."""
    page.goto(f"/{language}/account/login")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", password)
    page.click("main form [type=submit]")
    page.wait_for_url(lambda url: "/account/login" not in url)
