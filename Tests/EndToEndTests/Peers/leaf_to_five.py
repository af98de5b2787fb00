"""Publishes at the last node of a running fleet and subscribes at five others, with libzmq.

    leaf_to_five.py STATE_FILE COUNT

The exit code is 0 when every subscriber got every message, in order and once; otherwise the last line says who missed what.
"""

import json
import random
import sys
import threading
import time

import zmq

SECONDS_MAX = 90


class Subscriber(threading.Thread):
    def __init__(self, context, node, count):
        super().__init__(daemon=True)
        self.name = node["id"]
        self.count = count
        self.is_ready = threading.Event()
        self.expected = 0
        self.out_of_order = 0
        self.socket = context.socket(zmq.SUB)
        self.socket.setsockopt(zmq.RCVHWM, 0)
        self.socket.setsockopt(zmq.RCVTIMEO, SECONDS_MAX * 1000)
        self.socket.setsockopt(zmq.SUBSCRIBE, b"zoo.")
        self.socket.connect(node["subscribers"])

    def run(self):
        try:
            while self.expected < self.count:
                number = int(self.socket.recv()[4:])
                if number < 0:
                    self.is_ready.set()
                    continue
                if number != self.expected:
                    self.out_of_order += 1
                self.expected = number + 1
        except zmq.Again:
            pass
        finally:
            self.socket.close(0)

    @property
    def is_complete(self):
        return self.expected == self.count and self.out_of_order == 0


def main():
    state_file, count = sys.argv[1], int(sys.argv[2])
    with open(state_file, encoding="utf-8") as file:
        nodes = json.load(file)["nodes"]
    context = zmq.Context()
    others = random.Random(1).sample(nodes[:-1], 5)
    subscribers = [Subscriber(context, node, count) for node in others]
    for subscriber in subscribers:
        subscriber.start()
    publisher = context.socket(zmq.PUB)
    publisher.setsockopt(zmq.SNDHWM, 0)
    publisher.connect(nodes[-1]["publishers"])
    limit = time.monotonic() + SECONDS_MAX
    # Numbers below zero only prove that a subscription is in force everywhere on the way.
    while not all(subscriber.is_ready.is_set() for subscriber in subscribers):
        if time.monotonic() > limit:
            print("not ready:", [s.name for s in subscribers if not s.is_ready.is_set()])
            return 1
        publisher.send(b"zoo.-1")
        time.sleep(0.02)
    for number in range(count):
        publisher.send(b"zoo.%d" % number)
    for subscriber in subscribers:
        subscriber.join(SECONDS_MAX)
    print({s.name: (s.expected, s.out_of_order) for s in subscribers})
    publisher.close(0)
    return 0 if all(subscriber.is_complete for subscriber in subscribers) else 1


sys.exit(main())
