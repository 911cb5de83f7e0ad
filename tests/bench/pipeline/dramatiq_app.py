"""Dramatiq: one actor a hop, each sends its envelope to the next one. Run as a program it sends the first messages.

Dramatiq acknowledges after the actor has returned and sends persistent messages to durable queues by itself; it has no
setting for the type of a queue.
"""
import dramatiq
from dramatiq.brokers.rabbitmq import RabbitmqBroker

import hops

broker = RabbitmqBroker(url=hops.AMQP, confirm_delivery=True)
dramatiq.set_broker(broker)


def declare(hop):
    @dramatiq.actor(actor_name=f"hop{hop}", queue_name=hops.queue_name(hop))
    def pass_on(envelope):
        actors[hop + 1].send(envelope)

    return pass_on


actors = {hop: declare(hop) for hop in range(1, hops.HOPS + 2)}

if __name__ == "__main__":
    for envelope in hops.envelopes():
        actors[1].send(envelope)
