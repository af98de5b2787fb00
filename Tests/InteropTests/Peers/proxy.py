#!/usr/bin/python3
"""A chain of libzmq proxies, for a test to set a chain of relays beside.

    proxy.py COUNT

    publishers ──▶ XSUB · XPUB ──▶ XSUB · XPUB ──▶ … ──▶ subscribers

Prints {"event":"bound","endpoint":…} twice, first where publishers connect to, then where subscribers do, and leaves
when its standard input closes.
"""

import json
import os
import sys
import threading

import zmq


def main():
    context = zmq.Context()
    ends = []
    upstream = None
    for _ in range(int(sys.argv[1])):
        xsub, xpub = context.socket(zmq.XSUB), context.socket(zmq.XPUB)
        if upstream is None:
            xsub.bind("tcp://127.0.0.1:*")
            ends.append(xsub.getsockopt(zmq.LAST_ENDPOINT))
        else:
            xsub.connect(upstream)
        xpub.bind("tcp://127.0.0.1:*")
        upstream = xpub.getsockopt(zmq.LAST_ENDPOINT).rstrip(b"\0").decode()
        threading.Thread(target=zmq.proxy, args=(xsub, xpub), daemon=True).start()
    for endpoint in (ends[0].rstrip(b"\0").decode(), upstream):
        print(json.dumps({"event": "bound", "endpoint": endpoint}), flush=True)
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
