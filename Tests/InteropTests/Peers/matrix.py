#!/usr/bin/python3
"""libzmq's side of the interop matrix: sockets of any type, one after the other, each of which plays one part.

    matrix.py null|plain|curve server|client LARGE

Commands, a line each: `open PART TYPE bind|connect ENDPOINT`, where PART is

  echo     sends back whatever comes
  ask      sends every message and checks that it comes back
  tell     sends every message, after a `go`; until then a PUB sends `probe`
  hear     reports what came: `heard`, with the number of messages that were as they should be

and `close`. Both sides know the messages: see `messages`. Events are JSON, a line each, as those of `peer.py`.
"""

import json
import os
import sys

import zmq
from zmq.auth.thread import ThreadAuthenticator

MECHANISM, ROLE, LARGE = sys.argv[1], sys.argv[2], int(sys.argv[3])
SERVER_PUBLIC, SERVER_SECRET = b"rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7", b"JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"
CLIENT_PUBLIC, CLIENT_SECRET = b"Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID", b"D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs"


def emit(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def messages():
    return [[b"one"], [b"a", b"", b"c" * 300], [b""], [b"large", b"L" * LARGE]]


def secure(socket):
    if MECHANISM == "plain":
        if ROLE == "server":
            socket.plain_server = True
        else:
            socket.plain_username, socket.plain_password = b"ann", b"secret"
    elif MECHANISM == "curve":
        if ROLE == "server":
            socket.curve_server = True
            socket.curve_publickey, socket.curve_secretkey = SERVER_PUBLIC, SERVER_SECRET
        else:
            socket.curve_serverkey = SERVER_PUBLIC
            socket.curve_publickey, socket.curve_secretkey = CLIENT_PUBLIC, CLIENT_SECRET


class Scene:
    def __init__(self, context, part, type_name, way, endpoint):
        self.part, self.type_name = part, type_name
        self.socket = context.socket(getattr(zmq, type_name))
        self.socket.setsockopt(zmq.LINGER, 2000)
        self.socket.setsockopt(zmq.ROUTING_ID, b"peer")
        secure(self.socket)
        if type_name == "SUB":
            self.socket.setsockopt(zmq.SUBSCRIBE, b"")
        if way == "bind":
            self.socket.bind(endpoint)
            endpoint = self.socket.getsockopt(zmq.LAST_ENDPOINT).rstrip(b"\0").decode()
        else:
            self.socket.connect(endpoint)
        if type_name == "XSUB":
            self.socket.send(b"\x01")
        self.left = messages()
        self.good = 0
        emit("bound", endpoint=endpoint)
        if part == "ask":
            self.ask()

    def ask(self):
        if not self.left:
            emit("heard", count=self.good)
            return
        envelope = [b""] if self.type_name == "DEALER" else []
        self.socket.send_multipart(envelope + self.left[0])

    def go(self):
        for message in self.left:
            self.socket.send_multipart(message)

    def idle(self):
        if self.part == "tell" and self.type_name == "PUB":
            self.socket.send(b"probe")

    def receive(self):
        frames = self.socket.recv_multipart()
        if self.part == "echo":
            self.socket.send_multipart(frames)
        elif self.part == "ask":
            if frames[-len(self.left[0]):] == self.left.pop(0):
                self.good += 1
            self.ask()
        elif self.part == "hear" and frames != [b"probe"]:
            if frames == self.left.pop(0):
                self.good += 1
            if not self.left:
                emit("heard", count=self.good)
        elif self.part == "tell" and self.type_name == "XPUB":
            emit("subscribed")


def main():
    context, scene, pending = zmq.Context(), None, b""
    authenticator = None
    if (MECHANISM, ROLE) == ("plain", "server"):
        # libzmq knows no passwords of its own, and lets nobody in without a handler.
        authenticator = ThreadAuthenticator(context)
        authenticator.start()
        authenticator.configure_plain(domain="*", passwords={"ann": "secret"})
    emit("ready")
    while True:
        poller = zmq.Poller()
        poller.register(sys.stdin.fileno(), zmq.POLLIN)
        if scene and scene.type_name not in ("PUB", "PUSH"):
            poller.register(scene.socket, zmq.POLLIN)
        readable = dict(poller.poll(5))
        if scene and scene.socket in readable:
            scene.receive()
        if sys.stdin.fileno() not in readable:
            if scene and not readable:
                scene.idle()
            continue
        data = os.read(sys.stdin.fileno(), 65536)
        if not data:
            break
        *lines, pending = (pending + data).split(b"\n")
        for line in lines:
            words = line.decode().split()
            if words[0] == "open":
                scene = Scene(context, *words[1:])
            elif words[0] == "go":
                scene.part = "told"
                scene.go()
            elif words[0] == "close":
                scene.socket.close()
                scene = None
                emit("closed")
    if authenticator:
        authenticator.stop()
    context.destroy(linger=0)


if __name__ == "__main__":
    main()
