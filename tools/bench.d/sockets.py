"""Our sockets against libzmq's, one call per message."""

import subprocess
from contextlib import ExitStack
from dataclasses import dataclass, field

from building import TOOLS, XYLEM, build_tools, build_xylem
from measuring import alternate
from processes import RunFailed, run_tool, start
from relay import free_ports

STOP_SECONDS_MAX = 5
# A run takes a second or two; one that hangs is not to hold up the others.
RUN_SECONDS_MAX = 30


@dataclass
class Stream:
    """Messages one way, from one socket to another."""

    pattern: str
    transport: str
    security: str
    size: int
    count: int
    aim: str

    @property
    def name(self):
        return f"{self.pattern} {self.transport} {self.security} {self.size} B"

    @property
    def aims(self):
        return {"messagesPerSecond": self.aim}

    def libzmq(self, count):
        words = ["throughput", self.pattern, self.transport, self.security, self.size, count]
        return run_tool([TOOLS / "zmq_sockets", *words], RUN_SECONDS_MAX)

    def xylem(self, binary, count):
        words = ["--pattern", self.pattern, "--transport", self.transport, "--size", self.size]
        words += ["--curve"] if self.security == "curve" else []
        result = run_tool([binary, "bench", "throughput", *words, "--count", count], RUN_SECONDS_MAX)
        return {"messagesPerSecond": result["messagesPerSecond"]}


@dataclass
class RoundTrips:
    """One message at a time, there and back."""

    pattern: str
    transport: str
    is_on_loop: bool = False
    count: int = 20_000
    aims: dict = field(
        default_factory=lambda: {"medianMicroseconds": "≥ 1", "percentile99Microseconds": "≥ 1"}
    )

    @property
    def name(self):
        return f"{self.pattern} {self.transport} round trip" + (" on loop" * self.is_on_loop)

    def libzmq(self, count):
        words = ["latency", self.pattern, self.transport, "null", 64, count]
        return run_tool([TOOLS / "zmq_sockets", *words], RUN_SECONDS_MAX)

    def xylem(self, binary, count):
        words = ["--pattern", self.pattern, "--transport", self.transport, "--count", count]
        words += ["--on-loop"] if self.is_on_loop else []
        result = run_tool([binary, "bench", "latency", *words], RUN_SECONDS_MAX)
        keys = ["roundTripMicroseconds", "medianMicroseconds", "percentile99Microseconds"]
        return {key: result[key] for key in keys}


@dataclass
class Load:
    """A process that is loaded from outside, by raw peers that cost little."""

    name: str
    mode: str
    peer_count: int
    count: int
    aims: dict
    window: int = 0
    size: int = 64

    def libzmq(self, count):
        return self.measure([TOOLS / "zmq_sockets", "serve"], count)

    def xylem(self, binary, count):
        return self.measure([binary], count)

    def floor(self, count):
        return self.measure([TOOLS / "echo_loop", "floor"], count)

    def measure(self, command, count):
        ports = free_ports(2 if self.mode == "proxy" else 1)
        endpoints = [f"tcp://127.0.0.1:{port}" for port in ports]
        with ExitStack() as stack:
            process = start(
                self.command(command, endpoints, count),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            stack.callback(stop, process)
            words = [self.mode, *ports, self.peer_count]
            words += [self.window] if self.window else []
            words += [] if self.mode == "idle" else [self.size, count]
            result = run_tool([TOOLS / "request_load", *words, process.pid], RUN_SECONDS_MAX)
        if self.mode == "idle":
            return {"bytesPerConnection": result["bytesPerConnection"]}
        keys = ["messagesPerSecond", "nanosecondsPerMessage"]
        return {key: result[key] for key in keys}

    def command(self, command, endpoints, count):
        is_ours = len(command) == 1
        if self.mode == "proxy":
            if not is_ours:
                return [*command, "proxy", *endpoints]
            return [*command, "proxy", f"router@{endpoints[0]}", f"dealer@{endpoints[1]}"]
        role = "push" if self.mode == "push" else "router"
        if command[0] == TOOLS / "echo_loop":
            return [command[0], role, *endpoints]
        command = [*command, "bench", "peer", "serve"] if is_ours else command
        command = [*command, role, *endpoints]
        if role == "router":
            return command
        if not is_ours:
            return [*command, self.peer_count, self.size, count]
        return [*command, "--peers", self.peer_count, "--size", self.size, "--count", count]


def stop(process):
    process.stdin.close()
    process.terminate()
    try:
        process.wait(STOP_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def streams():
    # The counts keep libzmq busy for about a second.
    counts = {16: 4_000_000, 64: 4_000_000, 256: 2_000_000, 1024: 700_000, 8192: 150_000}
    for transport, security in [
        ("tcp", "null"),
        ("ipc", "null"),
        ("tcp", "curve"),
        ("inproc", "null"),
    ]:
        for pattern in ["pub-sub", "push-pull", "dealer-router"]:
            for size, count in counts.items():
                aim = "≥ 2" if size <= 256 or transport == "inproc" else "≥ 1.3"
                if security == "curve":
                    aim, count = "≥ 1.5", count // 5
                yield Stream(pattern, transport, security, size, count, aim)


RATE = {"messagesPerSecond": "≥ 1.5"}

ROWS = [
    *streams(),
    RoundTrips("pub-sub", "tcp"),
    RoundTrips("pub-sub", "tcp", is_on_loop=True),
    RoundTrips("req-rep", "tcp"),
    RoundTrips("req-rep", "tcp", is_on_loop=True),
    RoundTrips("req-rep", "inproc"),
    RoundTrips("req-rep", "inproc", is_on_loop=True),
    Load("router 1 client, window 1000", "router", 1, 3_000_000, RATE, window=1_000),
    Load("router 100 clients, window 100", "router", 100, 3_000_000, RATE, window=100),
    Load("router 1000 clients, window 10", "router", 1_000, 1_000_000, RATE, window=10),
    Load("router 1000 clients, window 1", "router", 1_000, 300_000, {}, window=1),
    Load("push to 8", "push", 8, 3_000_000, RATE),
    Load("proxy", "proxy", 16, 1_000_000, {"nanosecondsPerMessage": "≥ 3"}, window=60),
    Load("idle connections", "idle", 10_000, 0, {"bytesPerConnection": "at most 6,000"}),
]


def bench_sockets(options):
    build_tools()
    if options.xylem is None:
        build_xylem()
    scale = 10 if options.quick else 1
    rows = [row for row in ROWS if all(word in row.name.split() for word in options.words)]
    if not rows:
        raise RunFailed("no row has all these words in its name: " + " ".join(options.words))
    results = []
    for row in rows:
        count = row.count // scale
        sides = {"libzmq": lambda row=row, count=count: row.libzmq(count)}
        if options.before:
            sides["libzmq"] = lambda row=row, count=count: row.xylem(options.before, count)
        if options.floor:
            if getattr(row, "mode", "") != "router":
                raise RunFailed(f"'{row.name}' has no loop in C: --floor is for rows of 'router'")
            sides["libzmq"] = lambda row=row, count=count: row.floor(count)
        binary = options.xylem or XYLEM
        sides["xylem"] = lambda row=row, count=count: row.xylem(binary, count)
        results.append({**alternate(row.name, options.runs, sides), "aims": row.aims})
    return results
