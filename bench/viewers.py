"""Simulated viewers of a room, in a process of their own: by the stream, and by polling."""

import gzip
import heapq
import json
import os
import random
import re
import resource
import selectors
import socket
import time
from collections import defaultdict
from multiprocessing.connection import Connection as Pipe

from bench.load import Answer, Connection, Unanswered, request
from bench.servers import cores

POLLS_EVERY = 3.0  # seconds, as room-transport.js
TOLD = re.compile(rb'"v": ?(\d+).*"since": ?(\d+)', re.DOTALL)


def listen(port: int, path: str, count: int, pipe: Pipe) -> None:
    """``count`` views of a room. Tells when all of them listen; at the end when each version came to each, and how much was missed or came twice."""
    os.sched_setaffinity(0, {cores()[1]})
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], 2 * count + 512),) * 2)
    chosen, held, rests = selectors.DefaultSelector(), dict[int, int](), defaultdict[int, bytes](bytes)
    message = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n".encode()
    for _ in range(count):
        opened = socket.create_connection(("127.0.0.1", port), timeout=30)
        opened.sendall(message)
        opened.setblocking(False)
        chosen.register(opened, selectors.EVENT_READ)
    received, wrong = defaultdict[int, list[float]](list), 0
    chosen.register(pipe, selectors.EVENT_READ)
    ready = False
    while True:
        for key, _ in chosen.select():
            if key.fileobj is pipe:
                pipe.recv()
                wrong += sum(1 for version in held.values() if version != max(held.values()))
                pipe.send((dict(received), wrong + count - len(held)))
                return
            got, at = key.fileobj.recv(65_536), time.perf_counter()  # type: ignore[union-attr]
            if not got:
                raise Unanswered("nginx has closed a stream")
            *whole, rests[key.fd] = (rests[key.fd] + got).split(b"\n\n")
            for part in whole:
                found = TOLD.search(part)
                if found is None:
                    continue  # the head of the answer, a ping
                version, since = int(found[1]), int(found[2])
                if ready:
                    received[version].append(at)
                    wrong += since != held[key.fd]
                held[key.fd] = version
        if not ready and len(held) == count:
            ready = True
            pipe.send(count)


def ask_again(port: int, path: str, count: int, seconds: float, pipe: Pipe) -> None:
    """``count`` views that ask what changed since the version that they hold, each on its connection."""
    os.sched_setaffinity(0, {cores()[1]})
    # a connection that says nothing would hold a thread of the server: each is opened with its first question
    views: list[tuple[Connection | None, int, str]] = [(None, 0, "")] * count
    began = time.perf_counter()
    turns = [(began + random.random() * POLLS_EVERY, n) for n in range(count)]
    heapq.heapify(turns)
    asked, warm = 0, began + POLLS_EVERY  # the first time each gets the whole state
    while True:
        due, n = heapq.heappop(turns)
        if due > warm and not asked:
            pipe.send("begins")
        if due > warm + seconds:
            break
        time.sleep(max(0.0, due - time.perf_counter()))
        held, version, etag = views[n]
        connection = held or Connection(port)
        answer = connection.ask(request(f"{path}?v={version}", [("If-None-Match", etag)] if etag else []))
        if answer.status not in (200, 304):
            raise Unanswered(f"{answer.status} for {path}")
        if answer.status == 200:
            version, etag = json.loads(_plain(answer)).get("v", version), answer.headers.get("etag", "")
        views[n] = (connection, version, etag)
        asked += due > warm
        heapq.heappush(turns, (max(due, time.perf_counter() - POLLS_EVERY) + POLLS_EVERY * random.uniform(0.85, 1.15), n))
    pipe.send(asked)


def _plain(answer: Answer) -> bytes:
    return gzip.decompress(answer.body) if answer.headers.get("content-encoding") == "gzip" else answer.body
