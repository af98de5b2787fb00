#!/usr/bin/python3
"""A peer of ZWS 2.0 (RFC 45) made with the library `websockets`: it knows nothing of ours but the RFC.

    websocket.py subscriber|publisher --connect|--bind URL [--protocol NAME] [--count N] [--trust FILE]

A subscriber asks for everything and reports what came: `received`, once COUNT messages have come. A publisher waits for a
subscription and sends COUNT messages of two frames, `number` and a padding. Events are JSON, a line each, as those of `peer.py`.
"""

import argparse
import asyncio
import json
import re
import ssl
import struct
import sys

import websockets
import websockets.headers

# RFC 45 names sub-protocols with a slash, which is in no token of HTTP; the library would refuse it.
websockets.headers._token_re = re.compile(r"[-!#$%&'*+.^_`|~0-9a-zA-Z/]+")

LAST, MORE, COMMAND = b"\x00", b"\x01", b"\x02"


def emit(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def ready(socket_type):
    name, value = b"Socket-Type", socket_type.encode()
    return COMMAND + b"\x05READY" + bytes([len(name)]) + name + struct.pack(">I", len(value)) + value


def padding(number):
    return bytes([number % 256]) * (number * 7 % 70_000)


async def shake_hands(stream, options):
    if stream.subprotocol == "ZWS2.0":
        await stream.send(LAST)
        greeting = await stream.recv()
        assert greeting[:1] == LAST, greeting
    else:
        await stream.send(ready("SUB" if options.role == "subscriber" else "PUB"))
        answer = await stream.recv()
        assert answer[:7] == COMMAND + b"\x05READY", answer
    emit("handshaken", message=stream.subprotocol)


async def subscribe(stream, options):
    await stream.send(LAST + b"\x01")
    damaged = 0
    for number in range(options.count):
        first, second = await stream.recv(), await stream.recv()
        if first != MORE + struct.pack(">Q", number) or second != LAST + padding(number):
            damaged += 1
    emit("received", count=options.count, damaged=damaged)


async def publish(stream, options):
    subscription = await stream.recv()
    assert subscription == LAST + b"\x01", subscription
    for number in range(options.count):
        # Every tenth message comes in fragments.
        body = LAST + padding(number)
        pieces = [body[:1], body[1:9], body[9:]] if number % 10 == 0 else None
        await stream.send(MORE + struct.pack(">Q", number))
        await stream.send(pieces or body)
        if number % 100 == 0:
            await asyncio.wait_for(await stream.ping(), 10)
    emit("sent", count=options.count)


async def run(stream, options):
    await shake_hands(stream, options)
    await (subscribe if options.role == "subscriber" else publish)(stream, options)
    # Our end closes first, or the other does.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    await stream.close()
    emit("closed", count=stream.close_code)


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("role", choices=["subscriber", "publisher"])
    parser.add_argument("--connect")
    parser.add_argument("--bind", action="store_true")
    parser.add_argument("--protocol", default="ZWS2.0/NULL")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--trust", help="certificates that a wss server may have")
    options = parser.parse_args()
    protocols = [options.protocol]
    if options.connect:
        tls = None
        if options.connect.startswith("wss:"):
            tls = ssl.create_default_context(cafile=options.trust)
        async with websockets.connect(
            options.connect, subprotocols=protocols, max_size=None, ssl=tls
        ) as stream:
            await run(stream, options)
        return
    done = asyncio.Event()

    async def serve(stream, *_):
        await run(stream, options)
        done.set()

    async with websockets.serve(serve, "127.0.0.1", 0, subprotocols=protocols, max_size=None) as server:
        emit("bound", endpoint="ws://127.0.0.1:%d/peer" % server.sockets[0].getsockname()[1])
        await done.wait()


asyncio.run(main())
