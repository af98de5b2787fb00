#!/usr/bin/python3
"""A libzmq pub-sub peer that a test drives: commands on standard input, events on standard output.

Every event is one JSON object on one line. The peer leaves when its standard input closes.

Data messages are numbered per topic. With one part a message is one frame of SIZE bytes:

    topic | sequence number, 8 bytes big-endian | padding

With more parts the first frame is topic and sequence number, each further one SIZE bytes of
padding. Byte i of padding is (sequence + i) mod 256, so a receiver can check every byte.

Commands                         answers
  send COUNT SIZE [TOPIC [PARTS]]  sent          count bytes sha256 first last
  probe TOPIC | probe-stop                       an unnumbered message every 10 ms
  subscribe TOPIC                  subscribing   count
  unsubscribe TOPIC                unsubscribing count
  subscribe-many COUNT             subscribing   count; topics many.000000. and so on
  unsubscribe-many COUNT           unsubscribing count
  upstream TEXT                                  a message from an xsubscriber to publishers
  expect COUNT                     received      once COUNT data messages have come
  expect-subscriptions COUNT       subscriptions once exactly COUNT topics are subscribed
  report                           received      at once
  reset                                          forget what was received
  pause | resume                   paused | resumed: stop and go on reading the socket
  quit

Events that come by themselves
  bound endpoint · ready · handshaken · disconnected · probed topic
  subscribed topic · unsubscribed topic (publishers, unless --quiet-subscriptions)
  upstream message (xpublisher) · error message
  refused message: a handshake failed; `auth CODE`, `protocol CODE` or `unknown`
  asked message: --zap was asked, in words: mechanism domain address credentials (hexadecimal)
"""

import argparse
import hashlib
import json
import os
import struct
import sys
import threading
import time

import zmq
from zmq.utils import z85
from zmq.utils.monitor import recv_monitor_message

SOCKET_TYPES = {
    "publisher": zmq.PUB,
    "subscriber": zmq.SUB,
    "xpublisher": zmq.XPUB,
    "xsubscriber": zmq.XSUB,
}
PROBE_SUFFIX = b"~probe"
PROBE_INTERVAL_MS = 10
# Between looks at standard input and at the monitor, so that neither starves.
BURST_COUNT_MAX = 1000
PATTERN = bytes(range(256))


def emit(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def padding(sequence, size):
    start = sequence % 256
    repeated = PATTERN * (size // 256 + 2)
    return repeated[start : start + size]


class Tally:
    """What was sent or received: count, bytes, digest, and the order of sequence numbers."""

    def __init__(self):
        self.count = 0
        self.byte_count = 0
        self.digest = hashlib.sha256()
        self.first = None
        self.last = None
        self.missing = 0
        self.out_of_order = 0
        self.damaged = 0
        self.other = 0

    def add(self, sequence, frames):
        self.count += 1
        for frame in frames:
            self.byte_count += len(frame)
            self.digest.update(frame)
        if self.first is None:
            self.first = sequence
        elif sequence <= self.last:
            self.out_of_order += 1
            return
        else:
            self.missing += sequence - self.last - 1
        self.last = sequence

    def sent_fields(self):
        return {
            "count": self.count,
            "bytes": self.byte_count,
            "sha256": self.digest.hexdigest(),
            "first": self.first,
            "last": self.last,
        }

    def received_fields(self):
        return {
            **self.sent_fields(),
            "inOrder": self.out_of_order == 0,
            "missing": self.missing,
            "outOfOrder": self.out_of_order,
            "damaged": self.damaged,
            "other": self.other,
        }


class ZapHandler(threading.Thread):
    """Answers every ZAP request (RFC 27) with one status code."""

    def __init__(self, context, status, user):
        super().__init__(daemon=True)
        self.socket = context.socket(zmq.REP)
        self.socket.bind("inproc://zeromq.zap.01")
        self.status = status.encode()
        self.user = user.encode()

    def run(self):
        while True:
            try:
                request = self.socket.recv_multipart()
            except zmq.ContextTerminated:
                self.socket.close(linger=0)
                return
            version, request_id, domain, address, _, mechanism, *credentials = request
            words = [mechanism.decode(), domain.decode() or "-", address.decode()]
            emit("asked", message=" ".join(words + [part.hex() for part in credentials]))
            user = self.user if self.status == b"200" else b""
            self.socket.send_multipart([version, request_id, self.status, b"", user, b""])


class Peer:
    def __init__(self, options):
        self.options = options
        self.topic = options.topic.encode()
        self.context = zmq.Context()
        self.socket = self.context.socket(SOCKET_TYPES[options.role])
        self.is_publisher = options.role.endswith("publisher")
        self.next_sequence = {}
        self.probe_topic = None
        self.tally = Tally()
        self.expected_count = None
        self.subscription_count = 0
        self.expected_subscription_count = None
        self.is_paused = False
        self.is_running = True
        self.command_bytes = b""

    # Life

    def open(self):
        options = self.options
        settings = [
            (zmq.SNDHWM, options.sndhwm),
            (zmq.RCVHWM, options.rcvhwm),
            (zmq.SNDBUF, options.sndbuf),
            (zmq.RCVBUF, options.rcvbuf),
            (zmq.RECONNECT_IVL, options.reconnect_ms),
            (zmq.LINGER, options.linger_ms),
            (zmq.HEARTBEAT_IVL, options.heartbeat_ms),
            (zmq.HEARTBEAT_TIMEOUT, options.heartbeat_timeout_ms),
            (zmq.XPUB_NODROP, 1 if options.no_drop else None),
            (zmq.IPV6, 1 if options.ipv6 else None),
            (zmq.RATE, options.rate),
            (zmq.RECOVERY_IVL, options.recovery_ms),
            (zmq.MULTICAST_MAXTPDU, options.tpdu),
            (zmq.MULTICAST_HOPS, options.hops),
        ]
        for option, value in settings:
            if value is not None:
                self.socket.setsockopt(option, value)
        self.secure()
        self.monitor = self.socket.get_monitor_socket(
            zmq.EVENT_HANDSHAKE_SUCCEEDED
            | zmq.EVENT_DISCONNECTED
            | zmq.EVENT_HANDSHAKE_FAILED_AUTH
            | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
            | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
        )
        for topic in options.subscribe:
            self.set_subscription(topic.encode(), True)
        for endpoint in options.bind:
            self.socket.bind(endpoint)
            bound = self.socket.getsockopt(zmq.LAST_ENDPOINT).rstrip(b"\0").decode()
            emit("bound", endpoint=bound)
        for endpoint in options.connect:
            self.socket.connect(endpoint)
        emit("ready")

    def secure(self):
        options = self.options
        if options.zap:
            ZapHandler(self.context, options.zap, options.zap_user).start()
        if options.zap_domain:
            self.socket.setsockopt(zmq.ZAP_DOMAIN, options.zap_domain.encode())
        if options.plain_server:
            self.socket.setsockopt(zmq.PLAIN_SERVER, 1)
        if options.plain:
            user, password = options.plain.split(":", 1)
            self.socket.setsockopt(zmq.PLAIN_USERNAME, user.encode())
            self.socket.setsockopt(zmq.PLAIN_PASSWORD, password.encode())
        if options.curve_secret:
            secret = z85.encode(bytes.fromhex(options.curve_secret))
            self.socket.setsockopt(zmq.CURVE_SECRETKEY, secret)
            self.socket.setsockopt(zmq.CURVE_PUBLICKEY, zmq.curve_public(secret))
            if options.curve_server_key:
                key = z85.encode(bytes.fromhex(options.curve_server_key))
                self.socket.setsockopt(zmq.CURVE_SERVERKEY, key)
            else:
                self.socket.setsockopt(zmq.CURVE_SERVER, 1)

    def run(self):
        standard_input = sys.stdin.fileno()
        poller = zmq.Poller()
        poller.register(standard_input, zmq.POLLIN)
        poller.register(self.monitor, zmq.POLLIN)
        # A PUB socket cannot be read: libzmq keeps its subscriptions to itself.
        can_receive = self.options.role != "publisher"
        while self.is_running:
            if can_receive:
                poller.register(self.socket, 0 if self.is_paused else zmq.POLLIN)
            timeout = None if self.probe_topic is None else PROBE_INTERVAL_MS
            readable = dict(poller.poll(timeout))
            if standard_input in readable:
                self.handle_commands(os.read(standard_input, 65536))
            if self.monitor in readable:
                self.handle_monitor()
            if self.socket in readable and not self.is_paused:
                self.receive_burst()
            if self.probe_topic is not None:
                self.socket.send(self.probe_topic + PROBE_SUFFIX, zmq.NOBLOCK)

    def close(self):
        self.socket.disable_monitor()
        self.monitor.close(linger=0)
        self.socket.close()
        self.context.term()

    # News

    def handle_commands(self, data):
        if not data:
            self.is_running = False
            return
        self.command_bytes += data
        *lines, self.command_bytes = self.command_bytes.split(b"\n")
        for line in lines:
            words = line.decode().split()
            if words:
                self.handle_command(words[0], words[1:])

    def handle_monitor(self):
        message = recv_monitor_message(self.monitor)
        event = message["event"]
        failures = {
            zmq.EVENT_HANDSHAKE_FAILED_AUTH: "auth %d" % message["value"],
            zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL: "protocol 0x%X" % message["value"],
            zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL: "unknown",
        }
        if event in failures:
            emit("refused", message=failures[event])
        elif event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
            emit("handshaken")
        elif event == zmq.EVENT_DISCONNECTED:
            emit("disconnected")

    def receive_burst(self):
        for _ in range(BURST_COUNT_MAX):
            try:
                frames = self.socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            if self.is_publisher:
                self.handle_upstream(frames[0])
            else:
                self.handle_message(frames)
                if self.options.receive_delay_ms:
                    time.sleep(self.options.receive_delay_ms / 1000)
                    return

    def handle_upstream(self, frame):
        if frame[:1] not in (b"\x00", b"\x01"):
            emit("upstream", message=frame.decode(errors="replace"))
            return
        is_added = frame[0] == 1
        self.subscription_count += 1 if is_added else -1
        if not self.options.quiet_subscriptions:
            name = "subscribed" if is_added else "unsubscribed"
            emit(name, topic=frame[1:].decode(errors="replace"))
        self.check_expectations()

    def handle_message(self, frames):
        head = frames[0]
        if head.endswith(PROBE_SUFFIX):
            emit("probed", topic=head[: -len(PROBE_SUFFIX)].decode())
            return
        body_start = len(self.topic) + 8
        if not head.startswith(self.topic) or len(head) < body_start:
            self.tally.other += 1
            return
        (sequence,) = struct.unpack(">Q", head[len(self.topic) : body_start])
        self.tally.add(sequence, frames)
        for part in [head[body_start:], *frames[1:]]:
            if part != padding(sequence, len(part)):
                self.tally.damaged += 1
        self.check_expectations()

    def check_expectations(self):
        if self.expected_count is not None and self.tally.count >= self.expected_count:
            self.expected_count = None
            emit("received", **self.tally.received_fields())
        if self.expected_subscription_count == self.subscription_count:
            self.expected_subscription_count = None
            emit("subscriptions", count=self.subscription_count)

    # Commands

    def handle_command(self, name, arguments):
        if name == "send":
            count, size = int(arguments[0]), int(arguments[1])
            topic = arguments[2].encode() if len(arguments) > 2 else self.topic
            self.send(count, size, topic, int(arguments[3]) if len(arguments) > 3 else 1)
        elif name == "probe":
            self.probe_topic = arguments[0].encode()
        elif name == "probe-stop":
            self.probe_topic = None
        elif name in ("subscribe", "unsubscribe"):
            topic = arguments[0].encode() if arguments else b""
            self.set_subscriptions([topic], name == "subscribe")
        elif name in ("subscribe-many", "unsubscribe-many"):
            topics = (b"many.%06d." % index for index in range(int(arguments[0])))
            self.set_subscriptions(topics, name == "subscribe-many")
        elif name == "upstream":
            self.socket.send(" ".join(arguments).encode())
        elif name == "expect":
            self.expected_count = int(arguments[0])
            self.check_expectations()
        elif name == "expect-subscriptions":
            self.expected_subscription_count = int(arguments[0])
            self.check_expectations()
        elif name == "report":
            emit("received", **self.tally.received_fields())
        elif name == "reset":
            self.tally = Tally()
        elif name in ("pause", "resume"):
            self.is_paused = name == "pause"
            emit(name + "d")
        elif name == "quit":
            self.is_running = False
        else:
            raise ValueError(f"unknown command {name}")

    def send(self, count, size, topic, part_count):
        tally = Tally()
        first = self.next_sequence.get(topic, 0)
        for sequence in range(first, first + count):
            head = topic + struct.pack(">Q", sequence)
            if part_count == 1:
                frames = [head + padding(sequence, max(0, size - len(head)))]
            else:
                frames = [head] + [padding(sequence, size)] * (part_count - 1)
            self.socket.send_multipart(frames)
            tally.add(sequence, frames)
        self.next_sequence[topic] = first + count
        emit("sent", **tally.sent_fields())

    def set_subscriptions(self, topics, is_added):
        count = 0
        for topic in topics:
            self.set_subscription(topic, is_added)
            count += 1
        emit("subscribing" if is_added else "unsubscribing", count=count)

    def set_subscription(self, topic, is_added):
        if self.options.role == "subscriber":
            self.socket.setsockopt(zmq.SUBSCRIBE if is_added else zmq.UNSUBSCRIBE, topic)
        else:
            self.socket.send((b"\x01" if is_added else b"\x00") + topic)


def parse_options():
    parser = argparse.ArgumentParser(description="a libzmq pub-sub peer driven by a test")
    parser.add_argument("role", choices=sorted(SOCKET_TYPES))
    parser.add_argument("--bind", action="append", default=[], metavar="ENDPOINT")
    parser.add_argument("--connect", action="append", default=[], metavar="ENDPOINT")
    parser.add_argument("--topic", default="", help="whole topic of the data messages")
    parser.add_argument("--subscribe", action="append", default=[], metavar="TOPIC")
    parser.add_argument("--no-drop", action="store_true", help="wait at the high-water mark")
    parser.add_argument("--ipv6", action="store_true")
    parser.add_argument("--quiet-subscriptions", action="store_true")
    parser.add_argument("--receive-delay-ms", type=float, default=0)
    parser.add_argument("--linger-ms", type=int, default=0)
    parser.add_argument("--reconnect-ms", type=int)
    parser.add_argument("--heartbeat-ms", type=int)
    parser.add_argument("--heartbeat-timeout-ms", type=int)
    parser.add_argument("--rate", type=int, help="of multicast, kbit/s")
    parser.add_argument("--recovery-ms", type=int, help="how long multicast can be repaired")
    parser.add_argument("--tpdu", type=int, help="octets of a multicast packet with its headers")
    parser.add_argument("--hops", type=int, help="of multicast")
    parser.add_argument("--plain-server", action="store_true")
    parser.add_argument("--plain", metavar="USER:PASSWORD")
    parser.add_argument("--curve-secret", metavar="HEX", help="a server's, without a server key")
    parser.add_argument("--curve-server-key", metavar="HEX")
    parser.add_argument("--zap", metavar="STATUS", help="answer ZAP requests with this code")
    parser.add_argument("--zap-user", metavar="NAME", default="")
    parser.add_argument("--zap-domain", metavar="NAME")
    for option in ("--sndhwm", "--rcvhwm", "--sndbuf", "--rcvbuf"):
        parser.add_argument(option, type=int)
    return parser.parse_args()


def main():
    peer = Peer(parse_options())
    try:
        peer.open()
        peer.run()
    except (zmq.ZMQError, ValueError, IndexError) as error:
        emit("error", message=str(error))
        # Another thread of libzmq may still hold the socket: leave without its farewell.
        os._exit(1)
    peer.close()


if __name__ == "__main__":
    main()
