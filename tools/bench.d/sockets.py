"""Our sockets against libzmq's, one call per message."""

from building import TOOLS, XYLEM, build_tools, build_xylem
from measuring import alternate
from processes import run_tool


def bench_sockets(options):
    build_tools()
    build_xylem()
    scale = 10 if options.quick else 1
    cases = [
        ("PUB→SUB 64 B", "throughput", "pub-sub", 64, 5_000_000, [], "≥ 1.5"),
        ("PUB→SUB 1 KB", "throughput", "pub-sub", 1024, 1_000_000, [], ""),
        ("PUSH→PULL 64 B", "throughput", "push-pull", 64, 5_000_000, [], "≥ 1.5"),
        ("PUB→SUB 64 B", "latency", "pub-sub", 64, 50_000, [], "≥ 1"),
        ("PUB→SUB 64 B, on the event loop", "latency", "pub-sub", 64, 50_000, ["--on-loop"], "≥ 1"),
        ("REQ→REP 64 B", "latency", "req-rep", 64, 50_000, [], ""),
    ]
    results = []
    for name, kind, pattern, size, count, extra, aim in cases:
        figure = "messagesPerSecond" if kind == "throughput" else "roundTripMicroseconds"
        peer = [TOOLS / "zmq_sockets", kind, pattern, size, count // scale]
        sides = {"libzmq": lambda peer=peer: run_tool(peer)}
        # Ours have the pub-sub pattern; libzmq's other figures are there to compare with.
        ours = [XYLEM, "bench", kind, "--size", size, "--count", count // scale, *extra]
        sides["xylem"] = lambda ours=ours: run_tool(ours)
        results.append({**alternate(name, options.runs, sides), "aims": {figure: aim}})
    return results
