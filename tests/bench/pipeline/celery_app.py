"""Celery: one task a hop, each sends its envelope to the next one. Run as a program it sends the first messages."""
from celery import Celery
from kombu import Exchange, Queue

import hops

app = Celery("bench", broker=hops.AMQP)
app.conf.update(
    task_queues=[
        Queue(name, Exchange(""), routing_key=name, queue_arguments={"x-queue-type": hops.QUEUE_TYPE})
        for name in map(hops.queue_name, range(1, hops.HOPS + 2))
    ],
    task_default_queue_type=hops.QUEUE_TYPE,
    task_default_queue=hops.queue_name(1),
    task_acks_late=True,
    task_ignore_result=True,
    broker_transport_options={"confirm_publish": True},
    broker_connection_retry_on_startup=True,
    worker_prefetch_multiplier=hops.PREFETCH // hops.THREADS,
    worker_disable_rate_limits=True,
    worker_enable_remote_control=False,
)


def send(envelope, hop):
    # Without `argsrepr` Celery prints the whole envelope into a header of every message.
    app.send_task(f"bench.hop{hop}", args=[envelope], queue=hops.queue_name(hop), argsrepr="", kwargsrepr="")


def declare(hop):
    @app.task(name=f"bench.hop{hop}")
    def pass_on(envelope):
        send(envelope, hop + 1)


for hop in range(1, hops.HOPS + 1):
    declare(hop)

if __name__ == "__main__":
    for envelope in hops.envelopes():
        send(envelope, 1)
