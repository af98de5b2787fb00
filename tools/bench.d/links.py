"""What a numbered link costs the relay above: child relays beside plain subscribers."""

import shlex
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from building import TOOLS, XYLEM, build_tools, build_xylem
from measuring import alternate
from processes import RunFailed, run_tool
from relay import Relay

# Nothing may be dropped: the queues are longer than a run.
ROOM = "--overflow drop-newest --queue-messages 100000000 --queue-bytes 4096MiB"


@dataclass
class Links:
    """Messages of one publisher to many child relays, and to as many plain subscribers."""

    name: str
    child_count: int
    message_size: int
    message_count: int
    aims: dict = field(default_factory=dict)


def cpu(aim):
    return {"nanosecondsPerDelivery": aim}


LINK_ROWS = {
    "1x64": Links("1 × 64 B", 1, 64, 6_000_000, aims=cpu("≤ 1.3")),
    "10x64": Links("10 × 64 B", 10, 64, 1_500_000, aims=cpu("≤ 1.3")),
    "10x1k": Links("10 × 1 KB", 10, 1024, 300_000, aims=cpu("≤ 1.05")),
}


def write_topology(folder, child_count):
    """One tree, whose root has addresses to be filled in; children are named as link_load names them."""
    children = [f"c{number}" for number in range(child_count)]
    path = Path(folder) / "links.yaml"
    path.write_text(
        "nodes:\n"
        "  root: {publishers: 'tcp://127.0.0.1:PUBLISHERS', subscribers: 'tcp://127.0.0.1:SUBSCRIBERS'}\n"
        + "".join(f"  {child}: {{}}\n" for child in children)
        + f"links: [{', '.join(f'[root, {child}, 1ms]' for child in children)}]\n"
        + f"trees: {{t: {{root: root, fan-out: {max(2, child_count)}}}}}\n"
    )
    return path


class LinkedRelay(Relay):
    """The root of such a tree, with links of a kind."""

    def __init__(self, folder, child_count, kind):
        super().__init__("")
        path = write_topology(folder, child_count)
        text = path.read_text().replace("PUBLISHERS", str(self.publishers))
        path.write_text(text.replace("SUBSCRIBERS", str(self.subscribers)))
        self.command = shlex.split(
            f"{shlex.quote(str(XYLEM))} node --plan {shlex.quote(str(path))} --name root --links {kind} {ROOM}"
        )


def measure(row, kind, tool, quick):
    count = row.message_count // 10 if quick else row.message_count
    with tempfile.TemporaryDirectory() as folder:
        with LinkedRelay(folder, row.child_count, kind) as relay:
            arguments = [row.child_count, row.message_size, count]
            if tool == "relay_load":
                arguments.append(0)
            ports = [relay.publishers, relay.subscribers]
            result = run_tool([TOOLS / tool, *ports, *arguments, relay.process.pid])
    if result["complete"] < result["subscribers"]:
        raise RunFailed(f"complete at {result['complete']} of {result['subscribers']}")
    return {
        "nanosecondsPerDelivery": result["relayCPUSeconds"] * 1e9 / result["deliveries"],
        "deliveriesPerSecond": result["deliveries"] / result["wallSeconds"],
        "peakMegabytes": result["relayPeakBytes"] / 1e6,
    }


def bench_links(options):
    build_tools()
    build_xylem()
    results = []
    for key in options.rows or LINK_ROWS:
        row = LINK_ROWS[key]
        sides = {
            "plain": ("plain", "relay_load"),
            "numbered": ("numbered", "relay_load"),
            "child": ("numbered", "link_load"),
        }
        measured = alternate(
            row.name,
            options.runs,
            {
                side: lambda kind=kind, tool=tool: measure(row, kind, tool, options.quick)
                for side, (kind, tool) in sides.items()
            },
        )
        results.append({**measured, "aims": row.aims})
    return results


def print_links(results, _):
    """Plain subscribers at a plain relay, the same at one with numbered links, and child relays there."""
    print(f"{'':<12}{'plain':>9}{'numbered':>10}{'child':>9}  CPU ns/delivery; child ÷ numbered")
    for result in results:
        failures = [f"{side} failed: {result[side]['failure']}" for side in ("plain", "numbered", "child")
                    if "failure" in result[side]]
        if failures:
            print(f"{result['name']:<12}{'; '.join(failures)}")
            continue
        plain, numbered, child = (
            result[side]["nanosecondsPerDelivery"] for side in ("plain", "numbered", "child")
        )
        aim = result["aims"]["nanosecondsPerDelivery"]
        print(
            f"{result['name']:<12}{plain:>9.1f}{numbered:>10.1f}{child:>9.1f}  {child / numbered:.2f} ({aim})"
        )
