"""A relay against libzmq's proxy, seen from outside: its CPU, its memory, what its subscribers get."""

import shlex
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field

from building import TOOLS, XYLEM, build_tools, build_xylem
from measuring import alternate
from processes import RunFailed, run_tool, start

START_SECONDS_MAX = 10
STOP_SECONDS_MAX = 5

LIBZMQ_RELAY = (
    f"{shlex.quote(str(TOOLS / 'zmq_relay'))}"
    " --publishers tcp://127.0.0.1:{publishers} --subscribers tcp://127.0.0.1:{subscribers}"
)
XYLEM_RELAY = (
    f"{shlex.quote(str(XYLEM))} node --publishers tcp://127.0.0.1:{{publishers}}"
    " --subscribers tcp://127.0.0.1:{subscribers} --overflow block"
)


@dataclass
class FanOut:
    """Messages of one publisher to many subscribers."""

    name: str
    subscriber_count: int
    message_size: int
    message_count: int
    topic_count: int = 0
    aims: dict = field(default_factory=dict)
    # Prefixes that an access list of our relay has, for publishers and subscribers; 0 = there is no list.
    listed_topic_count: int = 0

    def arguments(self, quick):
        count = self.message_count // 10 if quick else self.message_count
        if self.topic_count:
            count = max(count // self.topic_count, 1) * self.topic_count
        return [self.subscriber_count, self.message_size, count, self.topic_count]


@dataclass
class Subscriptions:
    """Many subscriptions of one subscriber."""

    name: str
    subscription_count: int
    aims: dict = field(default_factory=dict)

    def arguments(self, quick):
        return [self.subscription_count // 10 if quick else self.subscription_count]


@dataclass
class Joins:
    """Many subscribers that come one after the other, each with its own topic."""

    name: str
    join_count: int
    aims: dict = field(default_factory=dict)

    def arguments(self, quick):
        return [self.join_count // 10 if quick else self.join_count]


@dataclass
class Heartbeats:
    """Subscribers that are idle, but for a PING now and then."""

    name: str
    subscriber_count: int
    interval_ms: int
    seconds: int
    aims: dict = field(default_factory=dict)

    def arguments(self, quick):
        count = self.subscriber_count // 10 if quick else self.subscriber_count
        return [count, self.interval_ms, self.seconds]


def cpu(aim):
    return {"nanosecondsPerDelivery": aim}


# The counts keep libzmq busy for about a second a run.
ROWS = {
    "1x64": FanOut("1 × 64 B", 1, 64, 2_000_000, aims=cpu("≥ 6")),
    "10x64": FanOut("10 × 64 B", 10, 64, 500_000),
    "100x64": FanOut("100 × 64 B", 100, 64, 100_000, aims=cpu("≥ 8")),
    "1000x64": FanOut("1,000 × 64 B", 1_000, 64, 10_000, aims=cpu("≥ 8")),
    "10x1k": FanOut("10 × 1 KB", 10, 1024, 100_000, aims=cpu("≥ 3")),
    "100x1k": FanOut("100 × 1 KB", 100, 1024, 10_000, aims=cpu("≥ 3")),
    "topics": FanOut(
        "1,000 × 64 B, own topics", 1_000, 64, 200_000, topic_count=1_000, aims=cpu("≥ 5")
    ),
    "8000x64": FanOut(
        "8,000 × 64 B", 8_000, 64, 500, aims={"peakMegabytes": "at most 80 MB"}
    ),
    "subscriptions": Subscriptions(
        "many subscriptions",
        1_000_000,
        aims={"readySeconds": "≥ 2", "bytesPerSubscription": "at most 200"},
    ),
}

# The cost of one must not depend on how many are there.
JOIN_ROWS = {
    "1000": Joins("1,000 joins", 1_000),
    "10000": Joins("10,000 joins", 10_000),
    # Files are often limited to 20,000.
    "19000": Joins("19,000 joins", 19_000),
}

# Ours ping every 5 seconds unless they are told otherwise.
HEARTBEAT_ROWS = {
    "10000": Heartbeats("10,000 idle subscribers, PING every 5 s", 10_000, 5_000, 20),
}

# What a list costs at a relay that asks it about every message; libzmq's proxy has none.
ACCESS_ROWS = {
    name: FanOut(
        f"1,000 × 64 B, own topics, {text}",
        1_000,
        64,
        200_000,
        topic_count=1_000,
        listed_topic_count=count,
    )
    for name, text, count in [
        ("off", "no list", 0),
        ("1", "a list of 1 topic", 1),
        ("1000", "a list of 1,000 topics", 1_000),
    ]
}

LOAD_TOOLS = {
    FanOut: "relay_load",
    Subscriptions: "subscription_load",
    Joins: "join_load",
    Heartbeats: "heartbeat_load",
}


class Relay:
    """A relay process between two free ports, gone at the end of the `with`."""

    def __init__(self, template):
        self.publishers, self.subscribers = free_ports(2)
        self.command = shlex.split(
            template.format(publishers=self.publishers, subscribers=self.subscribers)
        )

    def __enter__(self):
        self.process = start(self.command, stdout=subprocess.DEVNULL)
        try:
            for port in (self.publishers, self.subscribers):
                self.await_port(port)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def await_port(self, port):
        deadline = time.monotonic() + START_SECONDS_MAX
        while True:
            if self.process.poll() is not None:
                raise RunFailed(f"the relay ended with status {self.process.returncode}")
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise RunFailed(f"the relay does not listen on port {port}") from None
                time.sleep(0.02)

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def free_ports(count):
    holders = [socket.socket() for _ in range(count)]
    try:
        for holder in holders:
            holder.bind(("127.0.0.1", 0))
        return [holder.getsockname()[1] for holder in holders]
    finally:
        for holder in holders:
            holder.close()


def write_access_list(folder, topic_count):
    """Lets this machine publish and subscribe what relay_load does: all by one prefix, or by each topic."""
    topics = [f"t{number:06}." for number in range(topic_count)] if topic_count > 1 else ["t"]
    path = f"{folder}/access.yaml"
    with open(path, "w") as file:
        words = ", ".join(topics)
        file.write("rules:\n")
        file.write(f"  - {{address: 127.0.0.0/8, publish: [{words}], subscribe: [{words}]}}\n")
    return path


def measure_relay(row, side, template, quick):
    with tempfile.TemporaryDirectory() as folder:
        if side == "xylem" and getattr(row, "listed_topic_count", 0):
            path = write_access_list(folder, row.listed_topic_count)
            template += f" --access {shlex.quote(path)}"
        return measure(row, template, quick)


def measure(row, template, quick):
    tool = LOAD_TOOLS[type(row)]
    with Relay(template) as relay:
        ports = [relay.publishers, relay.subscribers]
        result = run_tool([TOOLS / tool, *ports, *row.arguments(quick), relay.process.pid])
    if isinstance(row, Subscriptions):
        if not result["served"]:
            raise RunFailed("the last subscription was never served")
        return {
            "subscriptions": result["subscriptions"],
            "readySeconds": result["readySeconds"],
            "bytesPerSubscription": result["bytesPerSubscription"],
        }
    if isinstance(row, Joins):
        if not result["complete"]:
            raise RunFailed("the publisher was not told of every topic once")
        return {
            "joinSeconds": result["joinSeconds"],
            "joinMicroseconds": result["relayCPUSeconds"] * 1e6 / result["joins"],
        }
    if isinstance(row, Heartbeats):
        if result["pongs"] < result["pings"]:
            raise RunFailed(f"{result['pongs']} of {result['pings']} PINGs were answered")
        return {
            "coreShare": result["relayCPUSeconds"] / result["seconds"],
            "pingMicroseconds": result["relayCPUSeconds"] * 1e6 / result["pings"],
        }
    if result["complete"] < result["subscribers"]:
        raise RunFailed(f"complete at {result['complete']} of {result['subscribers']} subscribers")
    return {
        "nanosecondsPerDelivery": result["relayCPUSeconds"] * 1e9 / result["deliveries"],
        "deliveriesPerSecond": result["deliveries"] / result["wallSeconds"],
        "peakMegabytes": result["relayPeakBytes"] / 1e6,
    }


def bench_relay(options):
    build_tools()
    if options.relay_command is None:
        build_xylem()
    templates = {
        "libzmq": options.libzmq_command,
        "xylem": options.relay_command or XYLEM_RELAY,
    }
    results = []
    for key in options.rows or options.known_rows:
        row = options.known_rows[key]
        sides = {
            side: lambda side=side, template=template: measure_relay(
                row, side, template, options.quick
            )
            for side, template in templates.items()
        }
        results.append({**alternate(row.name, options.runs, sides), "aims": row.aims})
    return results
