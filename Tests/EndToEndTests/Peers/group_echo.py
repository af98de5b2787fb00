#!/usr/bin/python3
"""A libzmq publisher to a tree's multicast feed, and a libzmq subscriber that hears the tree's island.

    group_echo.py epgm|pgm COUNT

Run it at a member of the segment. It publishes until the subscriber hears something, then COUNT numbered messages; exits
with 0 when all of them came back once and in order.
"""

import json
import subprocess
import sys
import time

import zmq

SEND = "239.192.2.1:7600"
HEAR = "239.192.1.1:7500"


def address():
    """libzmq looks names of interfaces up in the DNS, so it gets a number."""
    listing = json.loads(subprocess.check_output(["ip", "-j", "-4", "addr", "show", "dev", "eth1"]))
    return listing[0]["addr_info"][0]["local"]


def main():
    transport, count = sys.argv[1], int(sys.argv[2])
    context = zmq.Context()
    publisher, subscriber = context.socket(zmq.PUB), context.socket(zmq.SUB)
    for socket in (publisher, subscriber):
        socket.rate = 100_000
        socket.linger = 0
    publisher.sndhwm = subscriber.rcvhwm = 0
    subscriber.subscribe(b"")
    here = address()
    subscriber.connect(f"{transport}://{here};{HEAR}")
    publisher.connect(f"{transport}://{here};{SEND}")

    deadline = time.monotonic() + 40
    while not subscriber.poll(200):
        publisher.send(b"probe")
        if time.monotonic() > deadline:
            sys.exit("no probe came back")
    for number in range(count):
        publisher.send(b"%d" % number)
        time.sleep(0.0005)
    heard = []
    while len(heard) < count and subscriber.poll(5_000):
        message = subscriber.recv()
        if message != b"probe":
            heard.append(int(message))
    print(f"heard {len(heard)} of {count}")
    sys.exit(0 if heard == list(range(count)) else "not all came back once and in order")


main()
