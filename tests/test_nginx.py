"""The site of deploy/nginx, in Debian's own nginx, before the real application."""

import http.client
import io
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from civic.app import CivicFlask
from civic.config import ROOT
from civic.media.models import Photo
from civic.media.service import path_of, take_in
from civic.places.models import City
from tests.support.database import free_port
from tests.support.people import People
from tests.support.questions import Asking
from tests.test_media import made
from tests.test_security_answers import ALWAYS

HOST = "civic.example.kz"
FRAME = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
{user}
worker_processes 1;
events {{ worker_connections 128; }}
http {{
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/civic.conf;
}}
"""


@dataclass(frozen=True)
class Site:
    """nginx with the application behind it."""

    port: int
    app: CivicFlask
    folder: Path

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Any:
        """The answer, with its body as ``read_body``."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in {"Host": HOST, **({"Content-Length": str(len(body))} if body is not None else {}), **headers}.items():
                connection.putheader(name.replace("_", "-"), value)
            connection.endheaders(body)
            answer = connection.getresponse()
            answer.read_body = answer.read()  # type: ignore[attr-defined]
            return answer
        finally:
            connection.close()

    def log_with(self, words: str) -> str:
        """The log of the site, once a line has these words: nginx writes it after the answer."""
        for _ in range(600):
            if words in (log := (self.folder / "civic.log").read_text()):
                break
            time.sleep(0.05)
        return log


def replaced(text: str, changes: dict[str, str]) -> str:
    """The site with what an operator changes; each must be there to change."""
    for old, new in changes.items():
        assert old in text, f"deploy/nginx/civic.conf does not hold {old!r} any more"
        text = text.replace(old, new)
    return text


@pytest.fixture
def site(make_app: Callable[..., CivicFlask], built_front_end: Path) -> Iterator[Site]:
    """nginx on a free port in a folder of its own, with the site of deploy/ and nothing else."""
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    assert Path(program).exists(), "nginx is missing: apt-get install nginx"
    app = make_app(public_url=f"https://{HOST}", trusted_proxies=1, media_accel=True)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    folder, port = Path(tempfile.mkdtemp(prefix="civic-nginx-")), free_port()
    text = replaced((ROOT / "deploy" / "nginx" / "civic.conf").read_text(), {
        "listen 80 default_server;": f"listen 127.0.0.1:{port} default_server;", "    listen 80;\n    # listen 443 ssl http2;": f"    listen 127.0.0.1:{port};",
        "server 127.0.0.1:8000 ": f"server 127.0.0.1:{server.server_port} ", "/srv/civic/instance/": f"{app.settings.instance}/", "/srv/civic/": f"{ROOT}/", "/var/log/nginx/": f"{folder}/", "include " + f"{ROOT}/deploy/nginx/rooms*.conf;": "",
    })
    (folder / "civic.conf").write_text(text)
    (folder / "nginx.conf").write_text(FRAME.format(folder=folder, user="user root;" if os.geteuid() == 0 else ""))
    running = subprocess.Popen([program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")])
    try:
        found = Site(port, app, folder)
        for _ in range(600):
            assert running.poll() is None, (folder / "error.log").read_text()
            try:
                found.ask("/static/dist/app.css")
                break
            except OSError:
                time.sleep(0.05)
        yield found
    finally:
        running.terminate()
        running.wait(10)
        server.shutdown()
        shutil.rmtree(folder, ignore_errors=True)


def test_pages_come_through_with_their_headers(site: Site, clock: Any) -> None:
    answer = site.ask("/kk/", X_Forwarded_Host="evil.example", X_Forwarded_Proto="gopher", Forwarded="host=evil.example", X_Forwarded_Prefix="/evil")
    assert (answer.status, b"evil" in answer.read_body, answer.getheader("Server")) == (200, False, "nginx")
    assert {name: answer.getheader(name) for name in ALWAYS} == ALWAYS


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "", "sub.civic.example.kz", "civic.example.kz.evil.example"])
def test_other_names_get_no_answer(site: Site, host: str) -> None:
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        answer = site.ask("/kk/", Host=host)
        if answer.status == 400:  # no name at all is not HTTP
            raise ConnectionError


def test_what_somebody_types_before_it_is_sent_stands_in_no_log(site: Site, session: Session, city: City, people: People, clock: Any) -> None:
    asked = Asking(session, city, people)
    dump = asked.ask("Когда закроют свалку у Коянды?")
    session.commit()
    answer = site.ask(f"/kk/room/{asked.room.code}/similar.json?q={quote('когда закроют свалку у Коянды')}")
    assert (answer.status, json.loads(answer.read_body)["questions"][0]["id"]) == (200, dump.id)
    assert site.ask(f"/kk/room/{asked.room.code}/live.json?v=0").status == 200
    log = site.log_with("live.json")
    assert "live.json" in log and "similar.json" not in log


def test_keys_of_letters_stand_in_no_log(site: Site, clock: Any) -> None:
    key = "WzEsMSwxLDFd.aR3tZg.8fUuC2p0Q"
    for way in (f"/kk/questions/link/{key}", f"/ru/registration/{key}/group", f"/kk/shymkent/complaints/SHY-1/link/{key}", f"/en/calendar/{key}.ics"):
        assert site.ask(way, Referer=f"https://{HOST}/kk/talk/{key}/").status in (404, 410)
    assert site.ask(f"/kk/account/login?next=/kk/invited/{key}").status == 200
    log = site.log_with("/kk/account/login")
    assert key not in log and [line.split('"')[1] for line in log.splitlines()[-5:]] == [
        "GET /kk/questions/link/[key]", "GET /ru/registration/[key]/group", "GET /kk/shymkent/complaints/SHY-1/link/[key]", "GET /en/calendar/[key]", "GET /kk/account/login"]
    assert not (site.folder / "access.log").read_text()  # of nginx's own format


def test_built_files_come_from_nginx_compressed_and_for_ever(site: Site) -> None:
    answer = site.ask("/static/dist/app.css?v=1", Accept_Encoding="gzip")
    assert (answer.status, answer.getheader("Content-Encoding"), answer.getheader("Cache-Control"), answer.getheader("Content-Type")) == (
        200, "gzip", "public, max-age=31536000, immutable", "text/css")
    assert {name: answer.getheader(name) for name in ALWAYS} == ALWAYS
    assert [site.ask(path).status for path in ("/static/dist/../../civic/config.py", "/static/dist/%2e%2e/%2e%2e/civic/config.py", "/static/dist../build.mjs", "/static/dist/", "/static/build.mjs")] == [404, 404, 404, 403, 404]


@pytest.fixture
def photos(site: Site, session: Session, now: datetime) -> dict[str, str]:
    """A public and a private photo, processed; the private one belongs to nobody."""
    ids = {}
    for name in ("public", "private"):
        photo = take_in(session, site.app.settings.media, io.BytesIO(made()), now)
        ids[name] = photo.id
        session.commit()
    site.app.extensions["civic_queue"].deliver_all()
    session.get_one(Photo, ids["public"]).private = False
    session.commit()
    return ids


def test_a_photo_is_given_out_by_nginx_after_the_permission_check(site: Site, photos: dict[str, str]) -> None:
    answer = site.ask(f"/photo/{photos['public']}/thumb.jpg")
    assert (answer.status, answer.getheader("Content-Type"), answer.read_body[:3], answer.getheader("X-Accel-Redirect")) == (200, "image/jpeg", b"\xff\xd8\xff", None)
    assert {name: answer.getheader(name) for name in ALWAYS} == ALWAYS
    assert answer.headers.get_all("Content-Security-Policy") == ["default-src 'none'; sandbox"]
    assert answer.getheader("Cache-Control") == "public, max-age=86400, s-maxage=60"
    assert site.ask(f"/photo/{photos['private']}/thumb.jpg").status == 404


def test_nobody_reaches_a_photo_past_the_check(site: Site, photos: dict[str, str]) -> None:
    private = photos["private"]
    below = path_of(site.app.settings.media, private, "thumb").relative_to(site.app.settings.media / "photos").as_posix()
    assert path_of(site.app.settings.media, private, "thumb").exists()
    tries = [f"/_photos/{below}", f"//_photos/{below}", f"/./_photos/{below}", f"/%5fphotos/{below}", f"/_photos//{below}", f"/static/dist/../../instance/media/photos/{below}", f"/x/../_photos/{below}", f"/_PHOTOS/{below}",
             f"/photo/../_photos/{below}"]
    assert {path: site.ask(path, X_Accel_Redirect=f"/_photos/{below}").status for path in tries} == dict.fromkeys(tries, 404)


def test_the_owner_sees_a_private_photo(site: Site, session: Session, photos: dict[str, str], filed: Any, people: People) -> None:
    from civic.complaints.models import Attachment

    owner = people.account("owner@example.test")
    complaint = filed(private=True, by=owner)
    session.add(Attachment(complaint_id=complaint.id, photo_id=photos["private"], moment="before", position=0))
    client = people.sign_in(site.app.test_client(), owner)  # type: ignore[arg-type]
    cookie = client.get_cookie("__Host-session", domain="localhost") or client.get_cookie("__Host-session")
    assert cookie is not None
    answer = site.ask(f"/photo/{photos['private']}/thumb.jpg", Cookie=f"__Host-session={cookie.value}")
    assert (answer.status, answer.read_body[:3], answer.getheader("Cache-Control")) == (200, b"\xff\xd8\xff", "private, no-store")


def test_what_is_too_large_is_refused(site: Site) -> None:
    assert site.ask("/kk/shymkent/report/", "POST", None, Content_Length=str(65 * 1024 * 1024)).status == 413
    assert site.ask("/kk/", X_Long="a" * 9000).status == 400
    assert site.ask("/kk/?" + "a" * 9000).status == 414


def test_the_service_behind_refuses_other_names_too(site: Site) -> None:
    assert site.app.test_client().get("/kk/", headers={"Host": HOST, "X-Forwarded-Host": "evil.example"}).status_code == 400
