"""The time of `xylem plan`."""

import os
import signal
import statistics
import subprocess
import sys
import time

from building import XYLEM, build_xylem
from processes import RUN_SECONDS_MAX, note, start


def bench_plan(options):
    build_xylem()
    command = [XYLEM, "plan", options.file, "--format", "json", *options.arguments]
    samples = []
    for number in range(1, options.runs + 1):
        note(f"plan {options.file}, run {number} of {options.runs}")
        begin = time.monotonic()
        child = start(command, stdout=subprocess.DEVNULL)
        # wait4 tells the use of this child alone; its own limit keeps the wait bounded.
        signal.signal(signal.SIGALRM, lambda *_: child.kill())
        signal.alarm(RUN_SECONDS_MAX)
        _, status, usage = os.wait4(child.pid, 0)
        signal.alarm(0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            sys.exit(f"tools/bench: xylem plan ended with status {child.returncode}")
        samples.append(
            {
                "wallSeconds": time.monotonic() - begin,
                "cpuSeconds": usage.ru_utime + usage.ru_stime,
                "peakMegabytes": usage.ru_maxrss * 1024 / 1e6,
            }
        )
    return [
        {
            "name": f"plan {options.file}",
            "xylem": {key: statistics.median(s[key] for s in samples) for key in samples[0]},
            "aims": {"wallSeconds": "at most 1 s for 186 nodes"},
        }
    ]
