"""A tree of relays with a very large crowd of plain subscribers, all on this machine."""

import json
import statistics
import subprocess
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

from building import TOOLS, XYLEM, build_tools, build_xylem
from processes import RunFailed, json_object, note, start

# What a process may open here, less what it needs for itself.
SUBSCRIBERS_PER_PROCESS_MAX = 18_000
SECONDS_MAX = 600
SINGLE_COUNT = 20
PROBE_SECONDS = 1


class Part:
    """A load tool that is told what to do line by line."""

    def __init__(self, stack, words):
        self.process = start(
            [TOOLS / "crowd_load", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        stack.callback(self.end)

    def end(self):
        self.process.stdin.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def hear(self):
        line = self.process.stdout.readline()
        if not line:
            raise RunFailed(f"a load tool ended with status {self.process.wait()}")
        return line.strip()

    def hear_time(self):
        return json_object(self.hear())["at"]


def write_topology(path, relay_count, fan_out):
    names = [f"relay-{number}" for number in range(relay_count)]
    lines = ["name: crowd", f"nodes: [{', '.join(names)}]", "links:"]
    lines += [f"  - [{a}, {b}, 1ms]" for a, b in zip(names, names[1:])]
    lines += [
        "trees:",
        f"  - {{name: crowd, root: {names[0]}, mode: mesh, fan-out: {fan_out}, overflow: block}}",
    ]
    path.write_text("\n".join(lines) + "\n")


def start_fleet(stack, binary, folder, options):
    topology, state = Path(folder) / "crowd.yaml", Path(folder) / "crowd.json"
    write_topology(topology, options.relays, options.fan_out)
    fleet = start(
        [binary, "up", topology, "--state", state],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    stack.callback(fleet.wait, 20)
    stack.callback(fleet.terminate)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if fleet.poll() is not None:
            raise RunFailed(f"'xylem up' ended with status {fleet.returncode}")
        checked = subprocess.run(
            [binary, "status", "--state", state], capture_output=True, check=False
        )
        if checked.returncode == 0:
            return json.loads(state.read_text())
        time.sleep(0.2)
    raise RunFailed("the fleet is not up after a minute")


def fleet_status(binary, folder):
    words = [binary, "status", "--state", Path(folder) / "crowd.json", "--format", "json"]
    return json.loads(subprocess.run(words, capture_output=True, check=True).stdout)


def memory(state):
    """Octets of all relays that are theirs alone: code that is mapped from the file is not counted for each."""
    total = 0
    for node in state["nodes"]:
        for line in Path(f"/proc/{node['pid']}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                total += int(line.split()[1]) * 1024
    return total


def cpu_seconds(state):
    total = 0
    for node in state["nodes"]:
        fields = Path(f"/proc/{node['pid']}/stat").read_text().rsplit(")", 1)[1].split()
        total += (int(fields[11]) + int(fields[12])) / 100
    return total


def port(endpoint):
    return endpoint.rsplit(":", 1)[1]


def gather(stack, state, count):
    """The crowd, in as many processes as it takes."""
    ports = [port(node["subscribers"]) for node in state["nodes"]]
    each = count // len(ports)
    share = max(1, SUBSCRIBERS_PER_PROCESS_MAX // len(ports))
    parts = []
    while each > 0:
        parts.append(Part(stack, ["subscribe", min(share, each), *ports]))
        each -= share
        # One after the other: they would only wait for each other's accepts.
        parts[-1].hear()
        there = min(len(parts) * share, count // len(ports)) * len(ports)
        note(f"{there:,} of {count:,} subscribers are there")
    return parts, count // len(ports) * len(ports)


def await_service(publisher, parts):
    """Every subscription is in force when each subscriber has had a message."""
    for part in parts:
        part.say("served")
    is_done = threading.Event()

    def probe():
        while not is_done.wait(PROBE_SECONDS):
            publisher.say("0 0")
            publisher.hear_time()

    prober = threading.Thread(target=probe, daemon=True)
    prober.start()
    for part in parts:
        part.hear_time()
    is_done.set()
    prober.join()
    time.sleep(1)


def send(publisher, parts, first, last):
    """Seconds until everybody has the messages of those numbers."""
    for part in parts:
        part.say(str(last))
    publisher.say(f"{first} {last}")
    begin = publisher.hear_time()
    return max(part.hear_time() for part in parts) - begin


def measure(binary, options):
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        state = start_fleet(stack, binary, folder, options)
        empty = memory(state)
        publisher = Part(stack, ["publish", port(state["nodes"][0]["publishers"])])
        publisher.hear()
        parts, count = gather(stack, state, options.subscribers)
        await_service(publisher, parts)
        joined = memory(state)
        singles = [send(publisher, parts, number, number) for number in range(1, SINGLE_COUNT + 1)]
        before = cpu_seconds(state)
        last = SINGLE_COUNT + options.messages
        seconds = send(publisher, parts, SINGLE_COUNT + 1, last)
        deliveries = count * options.messages
        used = cpu_seconds(state) - before
        status = fleet_status(binary, folder)
        return {
            "subscribers": count,
            "relays": options.relays,
            "bytesPerSubscriber": (joined - empty) / count,
            "bytesPerSubscriberAfter": (memory(state) - empty) / count,
            "oneToAllMedianSeconds": statistics.median(singles),
            "oneToAllWorstSeconds": max(singles),
            "messages": options.messages,
            "deliveries": deliveries,
            "seconds": seconds,
            "deliveriesPerSecond": deliveries / seconds,
            "nanosecondsPerDelivery": used * 1e9 / deliveries,
            "dropped": status["summary"]["droppedMessages"],
        }


def bench_crowd(options):
    build_tools()
    if options.xylem is None:
        build_xylem()
    return measure(options.xylem or XYLEM, options)


def print_crowd(result, options):
    print(f"{result['subscribers']:,} subscribers at {result['relays']} relays of one tree")
    print(f"  memory of the relays     {result['bytesPerSubscriber']:,.0f} bytes/subscriber")
    print(f"    after the messages     {result['bytesPerSubscriberAfter']:,.0f} bytes/subscriber")
    print(
        f"  one message to all       {result['oneToAllMedianSeconds'] * 1e3:,.0f} ms in the median, "
        f"{result['oneToAllWorstSeconds'] * 1e3:,.0f} ms at worst, of {SINGLE_COUNT}"
    )
    print(
        f"  {result['messages']:,} messages at once   {result['seconds']:,.1f} s, "
        f"{result['deliveriesPerSecond']:,.0f} deliveries/s, "
        f"{result['nanosecondsPerDelivery']:,.0f} ns of the relays each"
    )
    print(f"  each had all of them once and in order; {result['dropped']} dropped")
