"""The time of `xylem plan`, and of repairs."""

import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
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


def made_network(node_count, link_count, seed=1):
    """Links `a b delay` between places in a plane, each new one joined to the nearest of a few and then some by lot."""
    dice = random.Random(seed)
    places = []
    links = {}

    def join(a, b):
        (ax, ay), (bx, by) = places[a], places[b]
        links[min(a, b), max(a, b)] = ((ax - bx) ** 2 + (ay - by) ** 2) ** 0.5 / 200

    for node in range(node_count):
        places.append((dice.uniform(0, 4000), dice.uniform(0, 2000)))
        if node:
            near = dice.sample(range(node), min(node, 24))
            x, y = places[node]
            join(node, min(near, key=lambda n: (places[n][0] - x) ** 2 + (places[n][1] - y) ** 2))
    while len(links) < link_count:
        a = dice.randrange(node_count)
        near = dice.sample(range(node_count), 12)
        x, y = places[a]
        b = min(
            (n for n in near if n != a),
            key=lambda n: (places[n][0] - x) ** 2 + (places[n][1] - y) ** 2,
        )
        join(a, b)
    rows = [f"n{a} n{b} {delay:.6f}" for (a, b), delay in links.items()]
    return "source target delay\n" + "\n".join(rows) + "\n"


def bench_upkeep(options):
    build_xylem()
    results = []
    with tempfile.TemporaryDirectory() as folder:
        files = list(options.files)
        if not files:
            for node_count, link_count in [(50, 75), (200, 300), (1000, 1600), (10000, 20000)]:
                path = os.path.join(folder, f"made-{node_count}.txt")
                with open(path, "w", encoding="utf-8") as file:
                    file.write(made_network(node_count, link_count))
                files.append(path)
        for file in files:
            note(f"upkeep of {os.path.basename(file)}")
            command = [XYLEM, "bench", "repair", file, "--mode", "mesh", "--fan-out"]
            done = subprocess.run(
                [*command, options.fan_out],
                stdout=subprocess.PIPE,
                timeout=RUN_SECONDS_MAX,
                check=True,
            )
            results.append(
                {
                    "name": f"repair {os.path.basename(file)}",
                    "xylem": json.loads(done.stdout.splitlines()[-1]),
                    "aims": {
                        "ratio": "1",
                        "medianInflation": "1",
                        "percentile95Inflation": "at most 1.25",
                        "medianMilliseconds": "1 to 200 nodes, 50 at 10,000",
                    },
                }
            )
    return results
