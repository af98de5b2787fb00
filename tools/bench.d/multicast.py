"""Reliable multicast: one publisher and its receivers in namespaces behind one bridge.

Both ends of a run are of one side, libzmq's over OpenPGM or ours; every receiver checks the numbers of
what it gets. CPU is of the processes, which includes the kernel's work for their packets, and at the
publisher also most of what the bridge does.
"""

import select
import statistics
import subprocess
import time
from dataclasses import dataclass, field

from building import TOOLS, XYLEM, build_tools, build_xylem
from measuring import alternate
from namespaces import Network
from processes import RUN_SECONDS_MAX, RunFailed, json_object, start

START_SECONDS_MAX = 20
STOP_SECONDS_MAX = 20
# Joins and SPMs are over by then, and the processes sleep.
SETTLE_SECONDS = 0.3
GROUP = "239.192.1.1"
PORTS = {"epgm": 5555, "pgm": 7500}
# kbit/s that libzmq's sender does not reach; ours then has no limit at all.
UNLIMITED = 2_000_000
BUFFER = 4 << 20


# Runs are long enough that the repairs at their end do not count for much.
@dataclass
class Row:
    name: str
    scheme: str
    receiver_count: int
    size: int
    count: int
    rate: int = UNLIMITED
    recovery_ms: int = 1_000
    # Messages per second that the application sends, 0 = all at once.
    pace: int = 0
    # Percent that the first receiver loses; the figure is then compared with a run without loss.
    loss: float = 0
    aims: dict = field(default_factory=dict)


def speed(aim_figure):
    return {aim_figure: "≥ 3", "publisherNanoseconds": "≥ 1", "receiverNanoseconds": "≥ 1"}


def make_rows():
    rows = {}
    for scheme in ("epgm", "pgm"):
        for receivers in (1, 3):
            for label, size, count, figure in [
                ("64 B", 64, 2_000_000, "messagesPerSecond"),
                ("1 KB", 1024, 200_000, "megabytesPerSecond"),
                ("8 KB", 8192, 32_000, "megabytesPerSecond"),
            ]:
                key = f"{scheme}-{receivers}x{label.replace(' ', '').lower()}"
                name = f"{scheme} {receivers} × {label}"
                rows[key] = Row(name, scheme, receivers, size, count, aims=speed(figure))
    lossy = {"shareOfLossFree": "≥ 0.8 here", "repairMedianMilliseconds": "< 5"}
    rows["loss"] = Row(
        "epgm 1 × 1 KB, 3 % lost", "epgm", 1, 1024, 300_000, recovery_ms=10_000, loss=3, aims=lossy
    )
    rows["loss-400"] = Row(
        "epgm 1 × 1 KB, 3 % lost, 400 Mbit/s",
        "epgm", 1, 1024, 100_000, 400_000, 10_000, loss=3, aims=lossy,
    )
    rows["loss-3"] = Row(
        "epgm 3 × 1 KB, 3 % lost at one, 400 Mbit/s",
        "epgm", 3, 1024, 100_000, 400_000, 10_000, loss=3, aims=lossy,
    )
    paced = {"publisherCore": "< 0.03 here"}
    rows["limited"] = Row(
        "epgm 1 × 1 KB, limited to 20 Mbit/s", "epgm", 1, 1024, 10_000, rate=20_000, aims=paced
    )
    rows["paced"] = Row(
        "epgm 1 × 1 KB, sent at 20 Mbit/s", "epgm", 1, 1024, 10_000, pace=2_441, aims=paced
    )
    rows["fan-out"] = Row("epgm 50 × 1 KB, 40 Mbit/s", "epgm", 50, 1024, 10_000, rate=40_000)
    return rows


ROWS = make_rows()


def command(side, role, endpoint, row, count):
    """What runs one end; both sides understand the same lines on their standard input."""
    if side == "libzmq":
        keys = [f"rate={row.rate}", f"recovery={row.recovery_ms}", f"buffer={BUFFER}"]
        pace = [f"pace={row.pace}"] if role == "publish" else []
        return [TOOLS / "zmq_multicast", role, endpoint, row.size, count, *keys, *pace]
    rate = 0 if row.rate == UNLIMITED else row.rate
    options = ["--size", row.size, "--count", count, "--rate", rate]
    options += ["--recovery-ms", row.recovery_ms, "--buffer", BUFFER]
    if role == "publish" and row.pace:
        options += ["--pace", row.pace]
    return [XYLEM, "bench", "peer", f"multicast-{role}", endpoint, *options]


class End:
    """A publisher or receiver process in its namespace, gone at the end of the `with`."""

    def __init__(self, words):
        pipe = subprocess.PIPE
        self.child = start(words, stdin=pipe, stdout=pipe, stderr=pipe, text=True, bufsize=1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.child.poll() is None:
            self.child.kill()
        self.child.communicate()

    def await_ready(self):
        if not select.select([self.child.stdout], [], [], START_SECONDS_MAX)[0]:
            raise RunFailed("an end of the run does not get ready")
        if self.child.stdout.readline().strip() != "ready":
            self.fail()

    def go(self):
        self.child.stdin.write("go\n")
        self.child.stdin.flush()

    def result(self, seconds_max):
        """Ends its standard input and gives what it printed last."""
        try:
            output, errors = self.child.communicate(timeout=seconds_max)
        except subprocess.TimeoutExpired:
            raise RunFailed(f"not done after {seconds_max} s") from None
        result = json_object(output)
        if result is None:
            words = (errors.strip() or output.strip()).splitlines()
            raise RunFailed(words[-1] if words else f"exit status {self.child.returncode}")
        return result

    def fail(self):
        self.child.kill()
        words = self.child.communicate()[1].strip().splitlines()
        raise RunFailed(words[0] if words else "an end of the run left at once")

    def await_result(self, deadline):
        """What a receiver prints when it has everything; its standard input stays open."""
        left = max(deadline - time.monotonic(), 0)
        if not select.select([self.child.stdout], [], [], left)[0]:
            raise RunFailed(f"not done after {RUN_SECONDS_MAX} s")
        result = json_object(self.child.stdout.readline())
        if result is None:
            self.fail()
        return result


def run_once(network, side, row, quick, loss=0):
    """One run; the publisher's figures and those of each receiver."""
    count = row.count // 10 if quick else row.count
    endpoint = f"{row.scheme}://{{}};{GROUP}:{PORTS[row.scheme]}"
    receivers = network.names[1 : 1 + row.receiver_count]
    network.lose(receivers[0], loss)

    def end(name, role):
        words = command(side, role, endpoint.format(network.address(name)), row, count)
        return End(network.command(name, words))

    ends = []
    try:
        for name in receivers:
            ends.append(end(name, "receive"))
        for receiver in ends:
            receiver.await_ready()
        publisher = end(network.names[0], "publish")
        ends.append(publisher)
        publisher.await_ready()
        time.sleep(SETTLE_SECONDS)
        publisher.go()
        deadline = time.monotonic() + RUN_SECONDS_MAX
        got = [receiver.await_result(deadline) for receiver in ends[:-1]]
        sent = publisher.result(STOP_SECONDS_MAX)
    finally:
        for process in ends:
            process.__exit__()
        network.lose(receivers[0], 0)
    if any(receiver["received"] < 2 for receiver in got):
        raise RunFailed("a receiver got nothing")
    return sent, got, count


def rate_of(got):
    return statistics.mean((one["received"] - 1) / max(one["seconds"], 1e-9) for one in got)


def measure(network, side, row, quick):
    sent, got, count = run_once(network, side, row, quick, row.loss)
    rate = rate_of(got)
    seconds = statistics.mean(one["seconds"] for one in got)
    figures = {
        "messagesPerSecond": rate,
        "megabytesPerSecond": rate * row.size / 1e6,
        "publisherCPUSeconds": sent["cpuSeconds"],
        "publisherNanoseconds": sent["cpuSeconds"] * 1e9 / count,
        "receiverNanoseconds": statistics.mean(one["cpuSeconds"] for one in got) * 1e9 / count,
        "lost": sum(one["lost"] for one in got),
    }
    if row.pace or row.rate < 100_000:
        figures["publisherCore"] = sent["cpuSeconds"] / max(seconds, 1e-9)
    if row.loss:
        # The same without loss, in the same breath.
        free = rate_of(run_once(network, side, row, quick)[1])
        figures["shareOfLossFree"] = rate / free
        if got[0].get("repairMedianMilliseconds") is not None:
            for key in ("repairs", "repairMedianMilliseconds", "repair99Milliseconds"):
                figures[key] = got[0][key]
    return figures


def bench_pgm(options):
    build_tools()
    if "xylem" in options.sides:
        build_xylem()
    rows = [ROWS[key] for key in options.rows or ROWS]
    results = []
    while rows:
        # The bridge floods: with more hosts than the row has receivers, its work would be measured.
        count = rows[0].receiver_count
        same = [row for row in rows if row.receiver_count == count]
        rows = [row for row in rows if row.receiver_count != count]
        hosts = ["publisher", *[f"receiver{number}" for number in range(1, count + 1)]]
        with Network(hosts, has_offload=options.offload) as network:
            results += [measure_row(network, row, options) for row in same]
    return results


def measure_row(network, row, options):
    sides = {
        side: lambda side=side: measure(network, side, row, options.quick)
        for side in options.sides
    }
    return {**alternate(row.name, options.runs, sides), "aims": row.aims}
