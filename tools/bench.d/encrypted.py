"""A relay that encrypts for each subscriber, against libzmq's, and beside the cipher alone."""

import re
import shlex
import subprocess
import tempfile
from dataclasses import dataclass, field

from building import TOOLS, XYLEM, build_tools, build_xylem
from measuring import alternate
from processes import RunFailed, run_tool
from relay import LIBZMQ_RELAY, XYLEM_RELAY, Relay


@dataclass
class Encrypted:
    """Messages of one publisher to many subscribers, libzmq's, under CURVE."""

    name: str
    subscriber_count: int
    message_size: int
    message_count: int
    aims: dict = field(
        default_factory=lambda: {"timesCipherAndPlain": "at most 1.3", "nanosecondsPerDelivery": "≥ 1"}
    )


ROWS = {
    "100x1k": Encrypted("100 × 1 KB, CURVE", 100, 1024, 5_000),
    "100x64": Encrypted("100 × 64 B, CURVE", 100, 64, 20_000),
}


class Keys:
    """A certificate of our own making, in the folder."""

    def __init__(self, folder):
        self.secret_file = f"{folder}/relay.key_secret"
        command = [XYLEM, "keygen", "--output", f"{folder}/relay.key"]
        subprocess.run(command, check=True, capture_output=True)
        with open(self.secret_file) as file:
            text = file.read()
        self.public, self.secret = (
            re.search(rf'{name}-key = "(.*)"', text).group(1) for name in ("public", "secret")
        )


def measure(row, template, count, server_key=None):
    with Relay(template) as relay:
        result = run_tool(
            [
                TOOLS / "curve_load",
                relay.publishers,
                relay.subscribers,
                row.subscriber_count,
                row.message_size,
                count,
                relay.process.pid,
                *([server_key] if server_key else []),
            ]
        )
    if result["complete"] < result["subscribers"]:
        raise RunFailed(f"complete at {result['complete']} of {result['subscribers']} subscribers")
    return {
        "nanosecondsPerDelivery": result["relayCPUSeconds"] * 1e9 / result["deliveries"],
        "deliveriesPerSecond": result["deliveries"] / result["wallSeconds"],
    }


def measure_libzmq(row, keys, count):
    template = f"{LIBZMQ_RELAY} --secret-key {shlex.quote(keys.secret).replace('{', '{{').replace('}', '}}')}"
    return measure(row, template, count, keys.public)


def measure_xylem(row, keys, count):
    curve = f"{XYLEM_RELAY} --curve-server --allow any --certificate {shlex.quote(keys.secret_file)}"
    result = measure(row, curve, count, keys.public)
    plain = measure(row, XYLEM_RELAY, count)["nanosecondsPerDelivery"]
    cipher = run_tool([XYLEM, "bench", "cipher", "--size", row.message_size])
    floor = plain + cipher["boxNanoseconds"]
    return {**result, "timesCipherAndPlain": result["nanosecondsPerDelivery"] / floor}


def bench_curve(options):
    build_tools()
    build_xylem()
    results = []
    with tempfile.TemporaryDirectory() as folder:
        keys = Keys(folder)
        for key in options.rows or ROWS:
            row = ROWS[key]
            count = row.message_count // 10 if options.quick else row.message_count
            sides = {
                "libzmq": lambda row=row, count=count: measure_libzmq(row, keys, count),
                "xylem": lambda row=row, count=count: measure_xylem(row, keys, count),
            }
            results.append({**alternate(row.name, options.runs, sides), "aims": row.aims})
    return results
