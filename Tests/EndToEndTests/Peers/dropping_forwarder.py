#!/usr/bin/env python3
"""A publisher, a forwarder that drops message 100, and a subscriber, all of libzmq.

usage: dropping_forwarder.py PUBLISHER-PORT FORWARDER-PORT

Publishes 300 messages, ends with 0 when 299 came through.
"""
import sys
import time

import zmq

context = zmq.Context()
publisher, inward = context.socket(zmq.XPUB), context.socket(zmq.SUB)
outward, subscriber = context.socket(zmq.XPUB), context.socket(zmq.SUB)
for socket in (publisher, inward, outward, subscriber):
    socket.rcvtimeo = 20000
publisher.bind("tcp://127.0.0.1:" + sys.argv[1])
outward.bind("tcp://127.0.0.1:" + sys.argv[2])
inward.setsockopt(zmq.SUBSCRIBE, b"")
subscriber.setsockopt(zmq.SUBSCRIBE, b"")
inward.connect("tcp://127.0.0.1:" + sys.argv[1])
subscriber.connect("tcp://127.0.0.1:" + sys.argv[2])
publisher.recv()
outward.recv()
for number in range(300):
    publisher.send_multipart([b"topic", b"%d" % number])
for number in range(300):
    message = inward.recv_multipart()
    if number != 100:
        outward.send_multipart(message)
for number in range(299):
    subscriber.recv_multipart()
# The connections outlive the last message, so that nothing looks as if it were on its way.
time.sleep(0.5)
