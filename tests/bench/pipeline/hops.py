"""What the workers of all frameworks share: the broker, the names of the queues, the messages to send.

The settings come through the environment, so that a worker's module stays what a user of its framework would write.
"""
import json
import os

from shape import HOPS, PREFETCH, THREADS

__all__ = ["AMQP", "HOPS", "PREFETCH", "QUEUE_TYPE", "THREADS", "envelopes", "queue_name"]

AMQP = os.environ["BENCH_AMQP"]
PREFIX = os.environ["BENCH_PREFIX"]
QUEUE_TYPE = os.environ["BENCH_QUEUE_TYPE"]


def queue_name(hop):
    """The queue in front of a hop, from 1; the one behind the last hop has the next number, and nobody consumes it."""
    return f"{PREFIX}.{hop}"


def envelopes():
    """The first BENCH_COUNT envelopes of the file of bodies."""
    count = int(os.environ["BENCH_COUNT"])
    with open(os.environ["BENCH_BODIES"], encoding="utf-8") as lines:
        return [json.loads(line) for _, line in zip(range(count), lines)]
