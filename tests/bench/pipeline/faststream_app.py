"""FastStream: one subscriber a process, which publishes what it returns. Run as a program it sends the first messages.

The acknowledgement follows the publish and its confirm: both happen inside the subscriber's middleware.
"""
import asyncio
import os

from faststream import AckPolicy, FastStream
from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitQueue

import hops

broker = RabbitBroker(
    hops.AMQP,
    default_channel=Channel(prefetch_count=hops.PREFETCH, publisher_confirms=True, on_return_raises=True),
    # Without the injection of dependencies and the check of types a message costs less.
    apply_types=False,
    logger=None,
)
app = FastStream(broker)


def queue(hop):
    return RabbitQueue(hops.queue_name(hop), durable=True, queue_type=QueueType(hops.QUEUE_TYPE))


@app.after_startup
async def declare_end():
    await broker.declare_queue(queue(hops.HOPS + 1))


if hop := int(os.environ.get("BENCH_HOP", "0")):

    @broker.subscriber(queue(hop), ack_policy=AckPolicy.NACK_ON_ERROR)
    @broker.publisher(queue(hop + 1), persist=True)
    async def pass_on(envelope):
        return envelope


async def feed():
    limit = asyncio.Semaphore(hops.PREFETCH)

    async def send(envelope):
        async with limit:
            await broker.publish(envelope, queue(1), persist=True)

    async with broker:
        await asyncio.gather(*map(send, hops.envelopes()))


if __name__ == "__main__":
    asyncio.run(feed())
