"""nginx with nchan before the real application, and somebody who listens to a room there."""

import http.client
import json
import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from civic.config import ROOT
from tests.support.database import free_port

FRAME = """
{module}
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
{user}
worker_processes 1;
worker_rlimit_nofile {files};
events {{ worker_connections {files}; }}
http {{
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/publisher.conf;
    include {folder}/civic.conf;
}}
"""
MODULE = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")


@dataclass
class Nginx:
    """nginx with the files of deploy/nginx and what an operator changes in them. ``start``, ``stop`` and ``start`` again."""

    files: int = 256
    port: int = field(default_factory=free_port)
    publisher: int = field(default_factory=free_port)
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="civic-nginx-")))
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """What residents type."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def nchan_url(self) -> str:
        """The service's setting."""
        return f"http://127.0.0.1:{self.publisher}/publish"

    def configure(self, application: int, instance: Path) -> None:
        """Write its files. application: the port where the service listens."""
        assert MODULE.exists(), "nchan is missing: apt-get install libnginx-mod-nchan"
        source = ROOT / "deploy" / "nginx"
        self._write("rooms.conf", (source / "rooms.conf").read_text(), {"/srv/civic/": f"{ROOT}/"})
        self._write("publisher.conf", (source / "publisher.conf").read_text(), {"listen 127.0.0.1:8081;": f"listen 127.0.0.1:{self.publisher};"})
        self._write("civic.conf", (source / "civic.conf").read_text(), {
            "include /srv/civic/deploy/nginx/rooms*.conf;": f"include {self.folder}/rooms.conf;",
            "listen 80 default_server;": f"listen 127.0.0.1:{self.port} default_server;",
            "    listen 80;\n    # listen 443 ssl http2;": f"    listen 127.0.0.1:{self.port};", "server_name civic.example.kz;": "server_name 127.0.0.1;",
            "server 127.0.0.1:8000 ": f"server 127.0.0.1:{application} ", "/var/log/nginx/": f"{self.folder}/", "/srv/civic/instance/": f"{instance}/", "/srv/civic/": f"{ROOT}/"})
        as_root = "user root;" if os.geteuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(FRAME.format(folder=self.folder, user=as_root, module=f"load_module {MODULE};", files=self.files))

    def _write(self, name: str, text: str, changes: dict[str, str]) -> None:
        for old, new in changes.items():
            assert old in text, f"deploy/nginx/{name} does not hold {old!r} any more"
            text = text.replace(old, new)
        (self.folder / name).write_text(text)

    def start(self) -> "Nginx":
        """Start, and wait until it answers."""
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        assert Path(program).exists(), "nginx is missing: apt-get install nginx"
        self.process = subprocess.Popen([program, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-e", str(self.folder / "error.log")])
        for _ in range(1200):
            assert self.process.poll() is None, (self.folder / "error.log").read_text()
            try:
                self.ask(self.publisher, "GET", "/")
                return self
            except OSError:
                time.sleep(0.05)
        raise AssertionError("nginx does not answer")

    def stop(self) -> None:
        """End it, with all connections and all that nchan remembers."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(15)
            self.process = None

    def remove(self) -> None:
        """End it for good."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def ask(self, port: int, method: str, path: str, body: bytes | None = None) -> tuple[int, dict[str, str], bytes]:
        """Status, headers (names in lower case) and body of one answer."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()


class Listener:
    """One view's stream, as a browser's EventSource reads it."""

    def __init__(self, nginx: Nginx, path: str, last: str = "") -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", nginx.port, timeout=60)
        self.connection.request("GET", path, headers={"Accept": "text/event-stream", **({"Last-Event-ID": last} if last else {})})
        self.socket = self.connection.sock  # which the connection hands over to an answer that has no length
        self.answer = self.connection.getresponse()
        self.last = last

    def next(self, seconds: float = 60) -> dict[str, Any]:
        """The next message. Raises ``TimeoutError`` when none comes, ``ConnectionError`` when the stream ends."""
        self.socket.settimeout(seconds)
        event, data = "", ""
        while True:
            line = self.answer.readline()
            if not line:
                raise ConnectionError("the stream has ended")
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name == "id":
                self.last = value
            elif name == "event":
                event = value
            elif name == "data":
                data += value
            elif not name and data and event != "ping":
                got: dict[str, Any] = json.loads(data)
                return got

    def close(self) -> None:
        """Hang up."""
        self.answer.close()
        self.connection.close()
