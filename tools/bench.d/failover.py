"""A relay of a tree dies, or hangs, under load: what subscribers at the others lose, and how long they hear nothing."""

import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from building import ROOT, TOOLS, XYLEM, build_tools, build_xylem
from processes import RunFailed, json_object, note, start

QUICKSTART = ROOT / "topologies" / "quickstart.yaml"
GEANT = ROOT.parent / "shared" / "topologies" / "zoo" / "Geant2012.graphml"
PLAN_ARGUMENTS = {GEANT: ["--mode", "mesh", "--fan-out", "4"]}

PUBLISHER_COUNT = 4
SUBSCRIBER_COUNT = 5
BEFORE_MS = 2_000
AFTER_MS = 8_000
# A relay that hangs does so for a while; one that ends is started again, as `xylem up` does.
HANG_SECONDS = 3
RESTART_SECONDS = 0.2
START_SECONDS_MAX = 60
LOAD_SECONDS_MAX = 120

VICTIMS = ["inner", "leaf-parent", "root", "standby"]
EVENTS = ["nothing"] + [f"{victim}-{how}" for victim in VICTIMS for how in ("kill", "stop")]


@dataclass
class Shape:
    """A planned tree, in the order of its file."""

    name: str
    root: str
    parents: dict
    standbys: list = field(default_factory=list)

    @property
    def nodes(self):
        return list(self.parents)

    def children(self, node):
        return [child for child, parent in self.parents.items() if parent == node]

    def depth(self, node):
        depth = 0
        while self.parents[node] is not None:
            node, depth = self.parents[node], depth + 1
        return depth

    def is_below(self, node, other):
        while node is not None and node != other:
            node = self.parents[node]
        return node is not None

    def deepest(self, nodes):
        return sorted(nodes, key=self.depth, reverse=True)

    def victim(self, kind):
        """The relay that an event befalls; None for the one that befalls nobody."""
        if kind == "nothing":
            return None
        if kind == "root":
            return self.root
        standby = self.standbys[0] if self.standbys else self.children(self.root)[0]
        if kind == "standby":
            return standby
        inner = [n for n in self.nodes if n not in (self.root, standby) and self.children(n)]
        last = [n for n in inner if any(not self.children(c) for c in self.children(n))]
        if kind == "leaf-parent":
            return (self.deepest(last) or [standby])[0]
        others = [n for n in inner if n not in self.deepest(last)[:1]]
        return (sorted(others, key=self.depth) or [standby])[0]

    def places(self, victim):
        """Where publishers and subscribers are: at relays that live, below the victim and elsewhere."""
        living = [n for n in self.nodes if n != victim]
        below = self.deepest(n for n in living if victim is not None and self.is_below(n, victim))
        others = self.deepest(n for n in living if n not in below)
        subscribers = below[:3] + others
        subscribers = (subscribers + below[3:])[:SUBSCRIBER_COUNT]
        publishers = below[-1:] + others[::-1] + below[:-1]
        return spread(publishers, PUBLISHER_COUNT), spread(subscribers, SUBSCRIBER_COUNT)


def spread(nodes, count):
    return [nodes[number % len(nodes)] for number in range(count)]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def plan(binary, topology):
    words = [binary, "plan", topology, *PLAN_ARGUMENTS.get(topology, []), "--format", "json"]
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RunFailed(done.stderr.strip() or f"'xylem plan' ended with {done.returncode}")
    text = done.stdout
    tree = json.loads(text)["trees"][0]
    parents = {node["id"]: node["parent"] for node in tree["nodes"]}
    return Shape(tree["name"], tree["root"], parents, tree.get("standbys") or []), text


class XylemTree:
    """Relays that `xylem up` runs, and starts again."""

    name = "xylem"
    load = "zmq"

    def __init__(self, stack, folder, shape, options):
        del shape
        self.state = Path(folder) / "state.json"
        file = Path(folder) / "plan.json"
        file.write_text(options.plan_text)
        binary = options.xylem or XYLEM
        log = open(Path(folder) / "up.log", "wb")
        stack.callback(log.close)
        self.fleet = start([binary, "up", file, "--state", self.state], stdout=log, stderr=log)
        stack.callback(self.fleet.wait, 30)
        stack.callback(self.fleet.terminate)
        deadline = time.monotonic() + START_SECONDS_MAX
        words = [str(binary), "status", "--state", str(self.state)]
        while subprocess.run(words, capture_output=True, check=False).returncode != 0:
            if self.fleet.poll() is not None or time.monotonic() > deadline:
                log.flush()
                raise RunFailed(f"the fleet does not come up: {Path(log.name).read_text()[-300:]}")
            time.sleep(0.2)

    def _node(self, name):
        return next(n for n in json.loads(self.state.read_text())["nodes"] if n["id"] == name)

    def ports(self, name):
        node = self._node(name)
        return tuple(node[side].rsplit(":", 1)[1] for side in ("publishers", "subscribers"))

    def process(self, name):
        return self._node(name)["pid"]

    def handle_killed(self, name):
        """`xylem up` does what is to be done."""


class OwnTree:
    """One process for each node, started by hand in the same shape, and started again when it ends."""

    def __init__(self, stack, folder, shape):
        self.folder, self.shape, self.processes = Path(folder), shape, {}
        self.places = {n: (free_port(), free_port()) for n in shape.nodes}
        stack.callback(self.end)
        for node in sorted(shape.nodes, key=shape.depth):
            self.start(node)
        for inward, outward in self.places.values():
            await_port(inward)
            await_port(outward)

    def start(self, name):
        self.processes[name] = start(
            self.command(name), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def end(self):
        for process in self.processes.values():
            process.kill()
            process.wait()

    def process(self, name):
        return self.processes[name].pid

    def handle_killed(self, name):
        # Not in a thread of its own: the kernel ends a process with the thread that started it.
        self.processes[name].wait()
        time.sleep(RESTART_SECONDS)
        self.start(name)


def await_port(port):
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RunFailed(f"nobody listens at port {port} after {START_SECONDS_MAX} s")


class ProxyTree(OwnTree):
    """libzmq's proxies. They pass nothing up: all publishers are at the root, and it is no tree without it."""

    name = "libzmq"
    load = "zmq"

    def __init__(self, stack, folder, shape, options):
        del options
        super().__init__(stack, folder, shape)

    def command(self, name):
        inward, outward = (f"tcp://127.0.0.1:{port}" for port in self.places[name])
        words = [TOOLS / "zmq_relay", "--publishers", inward, "--subscribers", outward]
        parent = self.shape.parents[name]
        if parent is not None:
            words += ["--parent", f"tcp://127.0.0.1:{self.places[parent][1]}"]
        return words

    def ports(self, name):
        return self.places[self.shape.root][0], self.places[name][1]


class NatsTree(OwnTree):
    """NATS servers, each a leaf node of its parent."""

    name = "nats"
    load = "nats"

    def __init__(self, stack, folder, shape, options):
        del options
        super().__init__(stack, folder, shape)

    def command(self, name):
        clients, leaves = self.places[name]
        parent = self.shape.parents[name]
        remote = ""
        if parent is not None:
            remote = f'remotes: [{{url: "nats-leaf://127.0.0.1:{self.places[parent][1]}"}}]'
        number = self.shape.nodes.index(name)
        file = self.folder / f"{number}.conf"
        file.write_text(
            f"host: 127.0.0.1\nport: {clients}\nserver_name: node-{number}\n"
            f"leafnodes {{ host: 127.0.0.1, port: {leaves}, reconnect: 1, {remote} }}\n"
        )
        return ["nats-server", "-c", file]

    def ports(self, name):
        return self.places[name][0], self.places[name][0]


SIDES = {side.name: side for side in (XylemTree, ProxyTree, NatsTree)}


def befall(tree, victim, how):
    """The event, and what follows it; the load goes on meanwhile."""
    process = tree.process(victim)
    if how == "kill":
        os.kill(process, signal.SIGKILL)
        tree.handle_killed(victim)
        return
    os.kill(process, signal.SIGSTOP)

    def wake():
        try:
            os.kill(process, signal.SIGCONT)
        except ProcessLookupError:
            # Whoever looks after it has not waited for that.
            pass

    timer = threading.Timer(HANG_SECONDS, wake)
    timer.daemon = True
    timer.start()


def measure(side, shape, event, options):
    """What each subscriber had, in one run."""
    kind, _, how = event.rpartition("-") if event != "nothing" else (event, "", "")
    victim = shape.victim(kind)
    publishers, subscribers = shape.places(victim)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        tree = SIDES[side](stack, folder, shape, options)
        ports = [tree.ports(n)[0] for n in publishers] + [tree.ports(n)[1] for n in subscribers]
        load = start(
            [TOOLS / "failover_load", tree.load, options.rate, BEFORE_MS, AFTER_MS,
             len(publishers), len(subscribers), *ports],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        stack.callback(load.wait)
        stack.callback(load.kill)
        watch = threading.Timer(LOAD_SECONDS_MAX, load.kill)
        watch.start()
        stack.callback(watch.cancel)
        if load.stdout.readline().strip() == "event" and victim is not None:
            befall(tree, victim, how)
        output, errors = load.communicate()
        result = json_object(output)
        if result is None:
            raise RunFailed(errors.strip() or f"the load ended with status {load.returncode}")
        return victim, result


def sum_up(side, shape, event, runs):
    victim = runs[0][0]
    subscribers = [each for _, run in runs for each in run["subscribers"]]

    def worst(key):
        return max(sum(each[key] for each in run["subscribers"]) for _, run in runs)

    return {
        "tree": shape.name,
        "relays": len(shape.nodes),
        "event": event,
        "node": victim,
        "isStandby": victim in shape.standbys,
        "side": side,
        "messages": runs[0][1]["sent"],
        "subscribers": len(runs[0][1]["subscribers"]),
        "lost": worst("lost"),
        "doubled": worst("doubled"),
        "misplaced": worst("misplaced"),
        "silenceMedianSeconds": statistics.median(e["silenceSeconds"] for e in subscribers),
        "silenceWorstSeconds": max(e["silenceSeconds"] for e in subscribers),
    }


def known_topologies(options):
    if options.topologies:
        return [Path(file).resolve() for file in options.topologies]
    if GEANT.exists():
        return [QUICKSTART, GEANT]
    note(f"tools/bench: no {GEANT}: only the tree of 7 is measured; --topology FILE takes another")
    return [QUICKSTART]


def bench_failover(options):
    build_tools()
    if options.xylem is None:
        build_xylem()
    sides = options.sides or list(SIDES)
    if "nats" in sides and shutil.which("nats-server") is None:
        note("tools/bench: no nats-server (Debian: nats-server): its rows are left out")
        sides = [side for side in sides if side != "nats"]
    results = []
    for topology in known_topologies(options):
        shape, options.plan_text = plan(options.xylem or XYLEM, topology)
        if not shape.standbys:
            note(f"{shape.name}: the plan has no standby: the root's first child stands for it")
        for event in options.rows or EVENTS:
            for side in sides:
                try:
                    runs = [measure(side, shape, event, options) for _ in range(options.runs)]
                except RunFailed as error:
                    note(f"{shape.name}, {event}, {side}: {error}")
                    continue
                results.append(sum_up(side, shape, event, runs))
                note(line(results[-1]))
    return results


def line(result):
    return (
        f"{result['tree']:12} {result['relays']:3} {result['event']:16} {result['side']:7} "
        f"{result['lost']:10,} {result['doubled']:8,} {result['misplaced']:9,} "
        f"{result['silenceMedianSeconds'] * 1e3:10,.0f} {result['silenceWorstSeconds'] * 1e3:9,.0f}"
    )


def print_failover(results, options):
    del options
    print(
        f"{'tree':12} {'':3} {'event':16} {'side':7} {'lost':>10} {'doubled':>8} {'misplaced':>9} "
        f"{'silence ms':>10} {'worst':>9}"
    )
    for result in results:
        print(line(result))
    print("lost, doubled, misplaced: of all subscribers together, in the worst run")


def add_arguments(parser):
    parser.add_argument("rows", nargs="*", metavar="EVENT", help=f"of: {', '.join(EVENTS)} (all)")
    parser.add_argument("--runs", type=int, default=1, help="repetitions of each event (1)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")
    parser.add_argument("--rate", type=int, default=100_000, help="messages/s in all (100,000)")
    parser.add_argument(
        "--topology", dest="topologies", action="append", metavar="FILE",
        help="a topology or plan (the quickstart's tree of 7, and Géant's of 37 where it is)",
    )  # fmt: skip
    parser.add_argument("--only", dest="sides", action="append", choices=list(SIDES))
    parser.add_argument("--xylem", metavar="FILE", help="our side (.build/release/xylem)")
