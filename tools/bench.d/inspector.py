#!/usr/bin/env python3
"""Compares `xylem inspect` with tshark on the same captures, in one run.

    tools/bench.d/inspector.py [--runs N] [--packets N] [--tshark-packets N] [--json]

Xylem analyses the whole capture (streams, repairs, messages, findings); tshark prints four fields of each packet of a
slice of it, for the whole would take minutes. Both run alternately; medians are compared. Memory is the peak of the
process.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / ".build" / "bench"
XYLEM = ROOT / ".build" / "release" / "xylem"
RUN_SECONDS_MAX = 300
FIELDS = ["frame.time_epoch", "pgm.hdr.sport", "pgm.hdr.type", "pgm.spm.sqn"]


def note(text):
    print(text, file=sys.stderr, flush=True)


def capture(packet_count):
    """A generated capture; the same packets each time, so one that is there is used again."""
    path = FOLDER / f"inspect-{packet_count}.pcap"
    if not path.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        command = [ROOT / "tools" / "generate-capture", part, str(packet_count)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        part.rename(path)
    return path


def measure(command, packet_count):
    begin = time.monotonic()
    child = subprocess.Popen(
        [str(word) for word in command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    # wait4 tells the use of this child alone; its own limit keeps the wait bounded.
    signal.signal(signal.SIGALRM, lambda *_: child.kill())
    signal.alarm(RUN_SECONDS_MAX)
    _, status, usage = os.wait4(child.pid, 0)
    signal.alarm(0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{command[0]} ended with status {child.returncode}")
    seconds = time.monotonic() - begin
    return {
        "packetsPerSecond": packet_count / seconds,
        "wallSeconds": seconds,
        "cpuSeconds": usage.ru_utime + usage.ru_stime,
        "peakMegabytes": usage.ru_maxrss * 1024 / 1e6,
    }


def bench_inspect(options):
    if options.xylem == XYLEM:
        subprocess.run([ROOT / "tools" / "build"], check=True)
    whole, part = capture(options.packets), capture(options.tshark_packets)
    sides = {
        "tshark": lambda: measure(
            ["tshark", "-n", "-r", part, "-d", "udp.port==5555,pgm", "-T", "fields"]
            + [word for field in FIELDS for word in ("-e", field)],
            options.tshark_packets,
        ),
        "xylem": lambda: measure([options.xylem, "inspect", whole], options.packets),
    }
    samples = {side: [] for side in sides}
    for number in range(1, options.runs + 1):
        for side, run in sides.items():
            note(f"{side}, run {number} of {options.runs}")
            samples[side].append(run())
    return {
        side: {key: statistics.median(one[key] for one in runs) for key in runs[0]}
        for side, runs in samples.items()
    }


def print_results(results, options):
    counts = {"tshark": options.tshark_packets, "xylem": options.packets}
    print(f"{'':<8}{'packets':>12}{'wall s':>9}{'CPU s':>9}{'packets/s':>13}{'peak MB':>9}")
    for side, result in results.items():
        print(
            f"{side:<8}{counts[side]:>12,}{result['wallSeconds']:>9.2f}"
            f"{result['cpuSeconds']:>9.2f}{result['packetsPerSecond']:>13,.0f}"
            f"{result['peakMegabytes']:>9.1f}"
        )
    ratio = results["xylem"]["packetsPerSecond"] / results["tshark"]["packetsPerSecond"]
    print(f"xylem reads {ratio:.0f} times as many packets a second (aim: at least 20, at most 200 MB)")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=3, help="repetitions of each side (3)")
    parser.add_argument("--packets", type=int, default=10_000_000, help="for xylem (10 M)")
    parser.add_argument("--tshark-packets", type=int, default=1_000_000, help="(1 M)")
    parser.add_argument("--xylem", type=Path, default=XYLEM, help="another build of our side")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    results = bench_inspect(options)
    if options.json:
        print(json.dumps({"processors": os.cpu_count(), "results": results}, indent=2))
    else:
        print_results(results, options)


if __name__ == "__main__":
    main()
