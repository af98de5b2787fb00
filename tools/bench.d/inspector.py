"""Compares `xylem inspect` with tshark on the same captures.

Xylem analyses the whole capture (streams, repairs, messages, findings); tshark prints four fields of each packet of a
slice of it, for the whole would take minutes. Both run alternately; medians are compared. Memory is the peak of the
process.
"""

import os
import signal
import statistics
import subprocess
import time
from pathlib import Path

from building import ROOT, TOOLS, XYLEM, build_xylem
from processes import RUN_SECONDS_MAX, RunFailed, note, start

FIELDS = ["frame.time_epoch", "pgm.hdr.sport", "pgm.hdr.type", "pgm.spm.sqn"]


def capture(packet_count):
    """A generated capture; the same packets each time, so one that is there is used again."""
    path = TOOLS / f"inspect-{packet_count}.pcap"
    if not path.exists():
        TOOLS.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        command = [ROOT / "tools" / "generate-capture", part, str(packet_count)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        part.rename(path)
    return path


def measure(command, packet_count, good_codes=(0,)):
    begin = time.monotonic()
    child = start(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    # wait4 tells the use of this child alone; its own limit keeps the wait bounded.
    signal.signal(signal.SIGALRM, lambda *_: child.kill())
    signal.alarm(RUN_SECONDS_MAX)
    _, status, usage = os.wait4(child.pid, 0)
    signal.alarm(0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in good_codes:
        raise RunFailed(f"{command[0]} ended with status {child.returncode}")
    seconds = time.monotonic() - begin
    return {
        "packetsPerSecond": packet_count / seconds,
        "wallSeconds": seconds,
        "cpuSeconds": usage.ru_utime + usage.ru_stime,
        "peakMegabytes": usage.ru_maxrss * 1024 / 1e6,
    }


def bench_inspect(options):
    if options.xylem == XYLEM:
        build_xylem()
    whole, part = capture(options.packets), capture(options.tshark_packets)
    sides = {
        "tshark": lambda: measure(
            ["tshark", "-n", "-r", part, "-d", "udp.port==5555,pgm", "-T", "fields"]
            + [word for field in FIELDS for word in ("-e", field)],
            options.tshark_packets,
        ),
        # 1: it found a problem in the capture, which has losses.
        "xylem": lambda: measure([options.xylem, "inspect", whole], options.packets, (0, 1)),
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


def add_arguments(parser):
    parser.add_argument("--packets", type=int, default=10_000_000, help="for xylem (10 M)")
    parser.add_argument("--tshark-packets", type=int, default=1_000_000, help="(1 M)")
    parser.add_argument("--xylem", type=Path, default=XYLEM, help="another build of our side")
