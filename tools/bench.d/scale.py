"""The planner on large graphs, beside scipy, igraph and networkx on the same files in the same run."""

import math
import statistics

from building import ROOT, TOOLS, XYLEM, build_xylem
from processes import RunFailed, note, run_tool
from scale_graphs import barabasi_albert, write

SOURCES = ROOT / "tools" / "bench.d"
SEED = 1
SIZES = [100_000, 1_000_000]
LIBRARIES = ["scipy", "igraph", "networkx"]
CAPPED = [("link", 16), ("link", 64), ("mesh", 16)]
SECONDS_MAX = 600


def graph(node_count):
    """The file of a graph, made when it is not there."""
    path = TOOLS / "scale" / f"ba-{node_count}-{SEED}.txt"
    if not path.exists():
        note(f"making {path.name}")
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        write(barabasi_albert(node_count, 2, SEED), partial)
        partial.rename(path)
    return path


def measured(command, runs):
    """The run whose whole time is the median, as it was printed."""
    results = [run_tool(command, SECONDS_MAX) for _ in range(runs)]
    results.sort(key=lambda result: sum(step["seconds"] for step in result.get("steps", [])))
    return results[len(results) // 2]


def xylem(path, runs, mode="link", fan_out="unlimited", root="0"):
    return measured(
        [XYLEM, "bench", "plan", path, "--mode", mode, "--fan-out", fan_out, "--root", root,
         "--hop-delay", "0.2ms"],
        runs,
    )  # fmt: skip


def seconds(result, *names):
    return sum(step["seconds"] for step in result["steps"] if step["name"] in names)


def peers(path, python, runs):
    found = {}
    for library in LIBRARIES:
        note(f"{path.name}: {library}")
        command = [python, SOURCES / "scale_peers.py", library, path]
        try:
            samples = [run_tool(command, SECONDS_MAX) for _ in range(runs)]
        except RunFailed as failure:
            note(f"SKIPPED {library}: {failure}")
            continue
        if "missing" in samples[0]:
            note(f"SKIPPED {library}: {python} has no such module; --python names one that has it")
            continue
        found[library] = {
            key: statistics.median(sample[key] for sample in samples) for key in samples[0]
        }
    return found


def bench_scale(options):
    build_xylem()
    results = []
    for size in options.sizes or SIZES:
        path = graph(size)
        note(f"{path.name}: xylem")
        ours = xylem(path, options.runs)
        capped = {
            f"{mode} {fan_out}": xylem(path, options.runs, mode, str(fan_out), "auto")
            for mode, fan_out in CAPPED
        }
        others = peers(path, options.python, options.runs)
        results.append(
            {"size": size, "file": path.name, "xylem": ours, "capped": capped, "peers": others}
        )
    return results


def print_scale(results, _options):
    for result in results:
        ours = result["xylem"]
        size = f"{result['size']:,} nodes, {ours['links']:,} links, {ours['fileMegabytes']:.1f} MB"
        print(size)
        read, build = seconds(ours, "reading"), seconds(ours, "building the graph")
        paths = seconds(ours, "shortest paths")
        memory = sum(s["megabytes"] for s in ours["steps"] if s["name"] == "shortest paths")
        print(f"  {'':10}{'read s':>9}{'MB/s':>8}{'build s':>9}{'paths s':>9}{'peak MB':>9}")
        row = "  {:10}{:9.2f}{:8.0f}{:9.2f}{:9.3f}{:9.0f}"
        megabytes = ours["fileMegabytes"]
        print(row.format("xylem", read, megabytes / read, build, paths, ours["peakMegabytes"]))
        for library, figures in result["peers"].items():
            read_seconds = figures["readSeconds"]
            cells = [figures["buildSeconds"], figures["pathSeconds"], figures["peakMegabytes"]]
            print(row.format(library, read_seconds, megabytes / read_seconds, *cells))
        print(f"  paths raise xylem's peak by {memory:.0f} MB")
        print(f"  {'tree':10}{'root s':>9}{'tree s':>9}{'all s':>9}{'radius':>9}{'bound':>9}{'ratio':>7}")
        for name, tree in result["capped"].items():
            work = seconds(tree, "shortest paths", "building the tree", "improving the tree")
            whole = sum(step["seconds"] for step in tree["steps"])
            radius, bound = tree["radiusMs"], tree["lowerBoundMs"]
            print(
                f"  {name:10}{seconds(tree, 'choosing the root'):9.2f}{work:9.2f}{whole:9.2f}"
                f"{radius:9.2f}{bound:9.2f}{radius / bound:7.3f}"
            )
    print_growth(results)


def print_growth(results):
    """The exponent e of time ~ n^e between the smallest and the largest graph."""
    if len(results) < 2:
        return
    small, large = results[0], results[-1]
    ratio = math.log(large["size"] / small["size"])

    def exponent(of):
        return math.log(of(large) / of(small)) / ratio

    cells = [f"paths {exponent(lambda r: seconds(r['xylem'], 'shortest paths')):.2f}"]
    for name in small["capped"]:
        whole = exponent(lambda r: sum(s["seconds"] for s in r["capped"][name]["steps"]))
        cells.append(f"{name} {whole:.2f}")
    for library in small["peers"]:
        if library in large["peers"]:
            cells.append(
                f"{library} {exponent(lambda r: r['peers'][library]['pathSeconds']):.2f}"
            )
    print("growth, e in time ~ n^e: " + ", ".join(cells))
