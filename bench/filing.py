"""Residents who file through the real pages, in a process of their own: sign in, three steps, the ticket.

Each complaint is what the pages of filing send: POST to begin, the place, the matter, and «send» where something similar is near. The
pages between are not drawn again, as with a phone that keeps them. Without a photo.
"""

import json
import re
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlencode

from bench.load import Unanswered, Visitor

PASSWORD = "a long enough password"
WRITERS = 8
STREETS = ("Абай", "Қонаев", "Рысқұлов", "Жібек жолы", "Тәуке хан", "Республика", "Достық", "Тұран")
NUMBER = re.compile(r"[A-Z]{3}-\w{4}-\w{3}")
TEXTS = ("Көшеде шам жанбайды, кешке балалар қорқады.", "Во дворе третью неделю не вывозят мусор, помогите.",
         "Жолда үлкен шұңқыр бар, көліктер айналып өтеді.", "С утра нет воды во всём доме, диспетчер не отвечает.")


class Resident(Visitor):
    """Signed in, with a connection that stays open. Each form carries its own ``once`` key."""

    def __init__(self, port: int, email: str, city: str) -> None:
        super().__init__(port)
        self.city = city
        self.read_token("/ru/account/login")
        self.post("/ru/account/login", email=email, password=PASSWORD)
        self.read_token("/ru/account/settings")

    def file(self, category_id: int, street: str, house: int) -> str:
        """File one complaint; gives its number."""
        draft = self.post(f"/ru/{self.city}/report/").rsplit("/", 1)[0]
        self.post(f"{draft}/place", address=f"{street} көшесі, {house}", lat="", lon="", district_id="")
        to = self.post(f"{draft}/matter", category_id=category_id, text=TEXTS[house % len(TEXTS)], kind="notice", name="Айгүл")
        if to.endswith("/check"):
            to = self.post(f"{draft}/send")
        found = NUMBER.search(to)
        if found is None:
            raise Unanswered(f"no number in {to}")
        return found[0]

    def post(self, path: str, **fields: object) -> str:
        """Send a form; gives where it leads to."""
        body = urlencode({"csrf_token": self.token, "once": secrets.token_hex(16), **fields})
        answer = self.ask("POST", path, body)
        if answer.status not in (302, 303):
            raise Unanswered(f"{answer.status} for {path}: {answer.body[:300]!r}")
        return re.sub(r"^https?://[^/]+", "", answer.headers["location"])


def write(port: int, categories: Sequence[int], seconds: float, rate: float | None) -> None:
    """``WRITERS`` residents at once. rate: complaints a second of all together, None for as many as go.

    Prints a line when it begins, and at the end how many were filed, in how many seconds, and what went wrong.
    """
    done: list[int] = []
    failures: list[BaseException] = []
    stop = threading.Event()
    residents = [Resident(port, f"writer{i}@example.test", ("almaty", "astana", "shymkent")[i % 3]) for i in range(WRITERS)]

    def work(place: int, resident: Resident) -> None:
        pause, due = WRITERS / rate if rate else 0.0, time.monotonic() + (place / rate if rate else 0.0)
        try:
            while not stop.wait(max(0.0, due - time.monotonic())):
                house = len(done) + 1
                resident.file(categories[(place + house) % len(categories)], STREETS[house % len(STREETS)], house % 180 + 1)
                done.append(1)
                due += pause
        except BaseException as error:  # noqa: BLE001 - told to the process that measures
            failures.append(error)
            stop.set()

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(residents)]
    print("begins", flush=True)
    began = time.monotonic()
    for thread in threads:
        thread.start()
    stop.wait(seconds)
    stop.set()
    for thread in threads:
        thread.join()
    print(json.dumps([len(done), time.monotonic() - began, repr(failures[0]) if failures else None]), flush=True)


class Filing:
    """Filing that goes on in a process of its own while something else is measured."""

    def __init__(self, port: int, categories: Sequence[int], seconds: float, rate: float | None = None) -> None:
        words = json.dumps([port, list(categories), seconds, rate])
        self._process = subprocess.Popen([sys.executable, "-m", "bench.filing", words], stdout=subprocess.PIPE, text=True,
                                         cwd=Path(__file__).parent.parent)
        self._line()

    def result(self) -> tuple[float, int]:
        """Wait for its end; complaints a second, and how many."""
        count, took, failure = json.loads(self._line())
        self._process.wait()
        if failure or not count:
            raise Unanswered(failure or "nothing could be filed in the time given")
        return count / took, count

    def _line(self) -> str:
        assert self._process.stdout is not None
        line: str = self._process.stdout.readline()
        if not line:
            raise Unanswered("the process that files has ended; see its message above")
        return line


if __name__ == "__main__":
    write(*json.loads(sys.argv[1]))
