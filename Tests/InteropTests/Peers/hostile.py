#!/usr/bin/python3
"""Throws malformed and forged PGM packets at a group and its publisher, thousands of them, seeded.

    hostile.py epgm|pgm INTERFACE-ADDRESS GROUP PORT SOURCE-ADDRESS SEED

It listens to the group first, to know the publisher's session, then prints {"event":"ready"}, sends, and
prints {"event":"sent","count":…}. What it sends in the publisher's own name is never well-formed: against
a forger who speaks correctly PGM has no defence.
"""

import json
import random
import socket
import struct
import sys
import time

SPM, POLL, POLR, ODATA, RDATA, NAK, NNAK, NCF, SPMR, ACK = 0, 1, 2, 4, 5, 8, 9, 10, 12, 13
PROTOCOL = 113
ROUND_COUNT = 150


def emit(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF or 0xFFFF


def packet(kind, body, session, destination, options=0, tsdu=0, is_sum_right=True):
    gsi, source = session
    head = struct.pack("!HHBBH6sH", source, destination, kind, options, 0, gsi, tsdu)
    value = checksum(head + body)
    if not is_sum_right:
        value ^= 0x5555
    return head[:6] + struct.pack("!H", value) + head[8:] + body


def address(text):
    return struct.pack("!HH", 1, 0) + socket.inet_aton(text)


class Enemy:
    def __init__(self, scheme, interface, group, port, source, seed):
        self.random = random.Random(seed)
        self.is_raw = scheme == "pgm"
        self.group, self.port, self.source = group, port, source
        kind = (socket.SOCK_RAW, PROTOCOL) if self.is_raw else (socket.SOCK_DGRAM, 0)
        self.socket = socket.socket(socket.AF_INET, *kind)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((group, 0 if self.is_raw else port))
        membership = socket.inet_aton(group) + socket.inet_aton(interface)
        self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
        self.sender = socket.socket(socket.AF_INET, *kind)
        self.sender.setsockopt(
            socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(interface)
        )
        self.count = 0

    def learn(self):
        """The session (GSI, source port) and data port of the publisher, from a packet of its."""
        self.socket.settimeout(20)
        while True:
            data, origin = self.socket.recvfrom(65536)
            if self.is_raw:
                data = data[(data[0] & 15) * 4 :]
            if origin[0] == self.source and len(data) >= 16 and data[4] in (SPM, ODATA):
                source, self.data_port = struct.unpack("!HH", data[:4])
                self.session = (data[8:14], source)
                return

    def send(self, data, target):
        try:
            self.sender.sendto(data, (target, 0 if self.is_raw else self.port))
            self.count += 1
        except OSError:
            # An empty raw packet, for one, is refused by some kernels.
            pass

    def stranger(self):
        return (bytes(self.random.randrange(256) for _ in range(6)), self.random.randrange(65536))

    def to_receivers(self):
        """Everything that ends a libzmq subscriber, and more (to the group)."""
        word = lambda: self.random.randrange(1 << 32)
        noise = lambda size: bytes(self.random.randrange(256) for _ in range(size))
        own, other, port = self.session, self.stranger(), self.data_port
        yield b""
        yield noise(self.random.randrange(1, 200))
        data = struct.pack("!II", word(), word())
        for session in (own, other):
            # In the publisher's name only what cannot be valid.
            yield packet(ODATA, data + noise(40), session, port, tsdu=40, is_sum_right=False)
            yield packet(SPM, struct.pack("!III", word(), word(), word()), session, port)
            yield packet(ODATA, data[:4], session, port)
            yield packet(RDATA, data + noise(9), session, port, tsdu=400)
            yield packet(15, noise(60), session, port)
            yield packet(ODATA, data + struct.pack("!HH", 0x0001, 4) + noise(8), session, port, 1, 8)
            yield packet(ODATA, data + struct.pack("!HH", 0x0004, 9000) + noise(8), session, port, 1, 8)
            loop = struct.pack("!HHBBH", 0x0004, 12, 0x0D, 0, 0)
            yield packet(ODATA, data + loop + noise(8), session, port, 1, 8)
        # Well-formed, of a source that nobody knows.
        yield packet(ODATA, data, other, port)
        yield packet(ODATA, data + b"\0", other, port, tsdu=1)
        yield packet(ODATA, data + struct.pack("!H", 60000) + noise(10), other, port, tsdu=12)
        yield packet(ODATA, data + struct.pack("!H", 0) + b"\0\0\0\0", other, port, tsdu=6)
        huge = struct.pack("!HBQ", 0, 0xFF, (1 << 63) - 1) + noise(10)
        yield packet(ODATA, data + huge, other, port, tsdu=len(huge))
        spm = struct.pack("!III", word(), word(), word()) + address(self.source)
        yield packet(SPM, spm, other, port)
        yield packet(SPM, struct.pack("!III", 0xFFFFFFFF, 0, 0x7FFFFFFF) + address("0.0.0.0"), other, port)
        ncf = struct.pack("!I", word()) + address(self.source) + address(self.group)
        yield packet(NCF, ncf, other, port)
        poll = struct.pack("!IHH", word(), 1, 0) + address(self.source) + struct.pack("!III", 1, 0, 0)
        yield packet(POLL, poll, other, port)

    def to_publisher(self):
        """Upstream packets swap the ports (to the publisher's address)."""
        word = lambda: self.random.randrange(1 << 32)
        gsi, source = self.session
        upstream, port = (gsi, self.data_port), source
        right = address(self.source) + address(self.group)
        nak = lambda sequence, rest=b"": struct.pack("!I", sequence & 0xFFFFFFFF) + right + rest
        for _ in range(10):
            yield packet(NAK, nak(word()), upstream, port)
        yield packet(NAK, nak(0xFFFFFFFF), upstream, port)
        yield packet(NAK, nak(word())[:10], upstream, port)
        yield packet(NAK, struct.pack("!I", 0) + address("1.2.3.4") + address("5.6.7.8"), upstream, port)
        many = struct.pack("!HHBBBB", 0x0004, 4 + 4 + 4 * 62, 0x82, 252, 0xD1, 0)
        many += struct.pack("!62I", *(word() for _ in range(62)))
        yield packet(NAK, nak(word(), many), upstream, port, 3)
        torn = struct.pack("!HHBBBB", 0x0004, 11, 0x82, 7, 0, 0) + b"abc"
        yield packet(NAK, nak(word(), torn), upstream, port, 3)
        yield packet(NNAK, nak(word()), upstream, port)
        yield packet(SPMR, b"", upstream, port)
        yield packet(SPMR, b"xyz", upstream, port)
        yield packet(POLR, struct.pack("!IHH", word(), 1, 0), upstream, port)
        yield packet(ACK, struct.pack("!II", word(), word()), upstream, port)

    def attack(self):
        for _ in range(ROUND_COUNT):
            for data in self.to_receivers():
                self.send(data, self.group)
            for data in self.to_publisher():
                self.send(data, self.source)
            time.sleep(0.005)


def main():
    scheme, interface, group, port, source, seed = sys.argv[1:]
    enemy = Enemy(scheme, interface, group, int(port), source, int(seed))
    enemy.learn()
    emit("ready")
    enemy.attack()
    emit("sent", count=enemy.count)
    sys.stdin.read()


main()
