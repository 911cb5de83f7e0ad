"""The frameworks that are compared with: how each is started, warmed up and measured."""
import dataclasses
import importlib.metadata
import json
import os
import pathlib
import subprocess
import sys
import time
from collections.abc import Callable

import process
from shape import HOPS, PREFETCH, THREADS

HERE = pathlib.Path(__file__).resolve().parent
# Seconds: until all consumers are there, and until all messages have left the last hop.
START, FINISH = 60, 180
CELERY_DELAYS = [f"celery_delayed_{level}" for level in range(28)]


def tool(name, *arguments):
    """A program that a package of the virtual environment brings."""
    return [str(pathlib.Path(sys.executable).parent / name), *arguments]


def queues(prefix):
    return [f"{prefix}.{hop}" for hop in range(1, HOPS + 2)]


@dataclasses.dataclass(frozen=True)
class Peer:
    """A framework as its users run it."""

    name: str
    queue_type: str
    # Told beside the figures.
    settings: str
    # The module with its workers, which sends the first messages when it is run as a program.
    module: str
    # The commands that start the workers; each gets its number, from 1, as BENCH_HOP.
    commands: Callable[[str], list[list[str]]]
    # The envelope inside the body of a message.
    unpack: Callable[[dict], dict]
    # What it declares besides the queues of the hops.
    more_queues: Callable[[str], list[str]] = lambda prefix: []
    exchanges: Callable[[str], list[str]] = lambda prefix: []
    environment: dict[str, str] = dataclasses.field(default_factory=dict)

    def version(self):
        return importlib.metadata.version(self.name.lower())


PEERS = {
    "celery": Peer(
        name="Celery",
        queue_type="quorum",
        settings=f"a worker a hop, pool of {THREADS} threads, acks_late, confirm_publish, prefetch {PREFETCH}",
        module="celery_app",
        commands=lambda prefix: [
            tool(
                "celery", "--app=celery_app", "worker", f"--queues={queue}", f"--hostname={queue}", "--loglevel=WARNING",
                "--pool=threads", f"--concurrency={THREADS}", "--without-gossip", "--without-mingle", "--without-heartbeat",
            )
            for queue in queues(prefix)[:-1]
        ],
        unpack=lambda body: body[0][0],
        # On quorum queues Celery declares a ladder of delays, whether they are used or not.
        more_queues=lambda prefix: CELERY_DELAYS,
        exchanges=lambda prefix: [queues(prefix)[0], "celery_delayed_delivery", *CELERY_DELAYS],
    ),
    "dramatiq": Peer(
        name="Dramatiq",
        queue_type="classic",
        settings=f"a process of {THREADS} threads a hop, confirm_delivery, prefetch {PREFETCH}; it has no setting for quorum",
        module="dramatiq_app",
        commands=lambda prefix: [
            tool("dramatiq", "dramatiq_app", "--processes=1", f"--threads={THREADS}", "--queues", queue)
            for queue in queues(prefix)[:-1]
        ],
        unpack=lambda body: body["args"][0],
        more_queues=lambda prefix: [f"{queue}.{kind}" for queue in queues(prefix) for kind in ("DQ", "XQ")],
        environment={"dramatiq_queue_prefetch": str(PREFETCH)},
    ),
    "faststream": Peer(
        name="FastStream",
        queue_type="quorum",
        settings=f"a process a hop, uvloop, orjson, ack after publish, publisher_confirms, prefetch {PREFETCH}",
        module="faststream_app",
        commands=lambda prefix: [tool("faststream", "run", "faststream_app:app")] * HOPS,
        unpack=lambda body: body,
    ),
}


class Pipeline:
    """Five hops of one framework, from the start of the workers to the removal of what they left in the broker."""

    def __init__(self, peer, broker, prefix, bodies, log):
        self._peer, self._broker, self._prefix = peer, broker, prefix
        self._queues = queues(prefix)
        self._everything = [*self._queues, *peer.more_queues(prefix)]
        self._present = {queue for queue in self._everything if broker.look(queue) is not None}
        self._environment = {
            **os.environ,
            **peer.environment,
            "PYTHONPATH": str(HERE),
            "BENCH_AMQP": broker.url,
            "BENCH_PREFIX": prefix,
            "BENCH_QUEUE_TYPE": peer.queue_type,
            "BENCH_BODIES": str(bodies),
        }
        commands = peer.commands(prefix)
        environments = [{**self._environment, "BENCH_HOP": str(hop)} for hop in range(1, len(commands) + 1)]
        self.workers = process.Workers(commands, environments, log)

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        self.workers.end()
        # What was there before belongs to somebody else.
        left = [queue for queue in self._everything if queue not in self._present]
        exchanges = [name for name in self._peer.exchanges(self._prefix) if not self._present or name.startswith(self._prefix)]
        self._broker.delete(left, exchanges)

    def wait_for_workers(self):
        def consumed(queue):
            return (self._broker.look(queue) or (0, 0))[1] == 1

        self._wait("the start of the workers", START, 0.25, lambda: all(map(consumed, self._queues[:-1])))

    def feed(self, count):
        """Sends the first messages with the framework's own means."""
        done = subprocess.run(
            [sys.executable, f"{self._peer.module}.py"],
            env={**self._environment, "BENCH_COUNT": str(count)},
            cwd=HERE,
            capture_output=True,
            text=True,
            timeout=FINISH,
        )
        if done.returncode:
            raise RuntimeError(f"sending the first messages failed: {done.stderr.strip()[-600:]}")

    def wait_for_arrival(self, count):
        def arrived():
            return (self._broker.look(self._queues[-1]) or (0, 0))[0]

        self._wait(f"the way of {count} messages", FINISH, 0.05, lambda: arrived() >= count)

    def take_arrivals(self):
        return self._broker.drain(self._queues[-1])

    def _wait(self, what, seconds, pause, reached):
        deadline = time.monotonic() + seconds
        while not reached():
            self.workers.check()
            if time.monotonic() > deadline:
                raise RuntimeError(f"{what} took over {seconds} s; the last words: {self.workers.last_words()}")
            time.sleep(pause)


def measure(peer, broker, prefix, bodies, messages, warm_up, log):
    """Sends `messages` envelopes through five hops of `peer` and returns what they took.

    The workers are up, warm and then stopped while the first queue is filled; the time runs from their going on until
    the last message lies behind the last hop. Raises RuntimeError when a message is missing or changed on the way.
    """
    with Pipeline(peer, broker, prefix, bodies, log) as pipeline:
        pipeline.wait_for_workers()
        pipeline.feed(warm_up)
        pipeline.wait_for_arrival(warm_up)
        check_arrivals(peer, pipeline.take_arrivals(), bodies, warm_up)

        workers = pipeline.workers
        workers.pause()
        pipeline.feed(messages)
        began, cpu, broker_cpu = time.monotonic(), workers.cpu_seconds(), broker.cpu_seconds()
        workers.resume()
        pipeline.wait_for_arrival(messages)
        wall = time.monotonic() - began
        cpu = workers.cpu_seconds() - cpu
        broker_cpu = None if broker_cpu is None else broker.cpu_seconds() - broker_cpu
        memory = workers.memory_mb()
        check_arrivals(peer, pipeline.take_arrivals(), bodies, messages)
    return {
        "name": peer.name,
        "queue_type": peer.queue_type,
        "messages": messages,
        "hops": HOPS,
        "wall_s": wall,
        "runs_per_s": messages / wall,
        "cpu_s_workers": cpu,
        "cpu_ms_per_run": cpu * 1000 / messages,
        "rss_mb": memory,
        "broker_cpu_s": broker_cpu,
    }


def check_arrivals(peer, arrived, bodies, messages):
    """Raises unless every envelope arrived, each once and as it was sent."""
    with open(bodies, encoding="utf-8") as lines:
        sent = {envelope["run_id"]: envelope for _, envelope in zip(range(messages), map(json.loads, lines))}
    for envelope in map(peer.unpack, map(json.loads, arrived)):
        if sent.pop(envelope["run_id"], None) != envelope:
            raise RuntimeError(f"{peer.name} changed or doubled the envelope {envelope['run_id']}")
    if sent:
        raise RuntimeError(f"{peer.name} lost {len(sent)} of {messages} envelopes")
