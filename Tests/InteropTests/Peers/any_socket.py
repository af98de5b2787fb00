#!/usr/bin/python3
"""A libzmq socket of any type that a test drives: commands on standard input, events on standard output.

Every event is one JSON object on one line. The socket leaves when its standard input closes. Frames are
hexadecimal, - is an empty one.

Commands                     events
  send FRAME…                  sent, once libzmq has taken it
  set OPTION FRAME             set: a socket option whose value is octets
                               message frames: what was received, as it comes
                               bound endpoint · ready · handshaken · disconnected · error message
"""

import argparse
import json
import os
import sys

import zmq
from zmq.utils.monitor import recv_monitor_message


def emit(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def octets(word):
    return b"" if word == "-" else bytes.fromhex(word)


def handle(socket, words):
    if words[0] == "send":
        socket.send_multipart([octets(word) for word in words[1:]])
        emit("sent")
    elif words[0] == "set":
        socket.setsockopt(getattr(zmq, words[1]), octets(words[2]))
        emit("set")
    else:
        raise ValueError(f"unknown command {words[0]}")


def run(socket, monitor):
    standard_input = sys.stdin.fileno()
    pending = b""
    poller = zmq.Poller()
    poller.register(standard_input, zmq.POLLIN)
    poller.register(monitor, zmq.POLLIN)
    if socket.type not in (zmq.PUB, zmq.PUSH):
        poller.register(socket, zmq.POLLIN)
    while True:
        readable = dict(poller.poll())
        if standard_input in readable:
            data = os.read(standard_input, 65536)
            if not data:
                return
            *lines, pending = (pending + data).split(b"\n")
            for line in lines:
                if line.strip():
                    handle(socket, line.decode().split())
        if monitor in readable:
            event = recv_monitor_message(monitor)["event"]
            emit("handshaken" if event == zmq.EVENT_HANDSHAKE_SUCCEEDED else "disconnected")
        if socket in readable:
            emit("message", frames=[frame.hex() for frame in socket.recv_multipart()])


def main():
    parser = argparse.ArgumentParser(description="a libzmq socket driven by a test")
    parser.add_argument("type", help="PUSH, STREAM, …")
    parser.add_argument("--bind")
    parser.add_argument("--connect")
    parser.add_argument("--option", action="append", default=[], metavar="NAME=NUMBER")
    parser.add_argument("--octets", action="append", default=[], metavar="NAME=FRAME")
    options = parser.parse_args()
    context = zmq.Context()
    try:
        socket = context.socket(getattr(zmq, options.type))
        socket.setsockopt(zmq.LINGER, 5000)
        for name, value in (word.split("=") for word in options.option):
            socket.setsockopt(getattr(zmq, name), int(value))
        for name, value in (word.split("=") for word in options.octets):
            socket.setsockopt(getattr(zmq, name), octets(value))
        monitor = socket.get_monitor_socket(
            zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED
        )
        if options.bind:
            socket.bind(options.bind)
            bound = socket.getsockopt(zmq.LAST_ENDPOINT).rstrip(b"\0").decode()
            emit("bound", endpoint=bound)
        if options.connect:
            socket.connect(options.connect)
        emit("ready")
        run(socket, monitor)
    except (zmq.ZMQError, ValueError, IndexError, AttributeError) as error:
        emit("error", message=str(error))
        # Another thread of libzmq may still hold the socket: leave without its farewell.
        os._exit(1)
    socket.disable_monitor()
    monitor.close(linger=0)
    socket.close()
    context.term()


if __name__ == "__main__":
    main()
