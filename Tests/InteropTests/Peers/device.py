#!/usr/bin/python3
"""A device of libzmq (zmq_proxy) between two sockets that listen.

    device.py ROUTER DEALER

Prints {"event":"bound","endpoint":…} twice, for the first type and for the second, and leaves when its standard input
closes.
"""

import json
import os
import sys
import threading

import zmq


def main():
    context = zmq.Context()
    ends = []
    for name in sys.argv[1:3]:
        end = context.socket(getattr(zmq, name))
        end.bind("tcp://127.0.0.1:*")
        endpoint = end.getsockopt(zmq.LAST_ENDPOINT).rstrip(b"\0").decode()
        print(json.dumps({"event": "bound", "endpoint": endpoint}), flush=True)
        ends.append(end)
    threading.Thread(target=zmq.proxy, args=ends, daemon=True).start()
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
