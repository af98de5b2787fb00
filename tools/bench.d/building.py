"""Where the tools and our command are, and how they are built."""

import subprocess
from pathlib import Path

from processes import note

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = ROOT / "tools" / "bench.d"
TOOLS = ROOT / ".build" / "bench"
XYLEM = ROOT / ".build" / "release" / "xylem"


def build_tools():
    """Sets up and compiles the load tools that are older than their sources."""
    subprocess.run([ROOT / "tools" / "setup", "--test"], check=True)
    TOOLS.mkdir(parents=True, exist_ok=True)
    newest = max(path.stat().st_mtime for path in SOURCES.glob("*.[ch]"))
    for name, parts, libraries in [
        ("relay_load", ["common.c", "zmtp.c"], []),
        ("subscription_load", ["common.c", "zmtp.c"], []),
        ("join_load", ["common.c", "zmtp.c"], []),
        ("heartbeat_load", ["common.c", "zmtp.c"], []),
        ("request_load", ["common.c", "zmtp.c"], []),
        ("crowd_load", ["common.c", "zmtp.c"], []),
        ("failover_load", ["common.c"], ["-lzmq"]),
        ("echo_loop", ["common.c", "zmtp.c"], []),
        ("link_load", ["common.c", "zmtp.c"], []),
        ("curve_load", ["common.c"], ["-lzmq"]),
        ("zmq_relay", ["common.c"], ["-lzmq"]),
        ("zmq_sockets", ["common.c"], ["-lzmq"]),
        ("zmq_multicast", ["common.c"], ["-lzmq"]),
    ]:
        binary = TOOLS / name
        if binary.exists() and binary.stat().st_mtime > newest:
            continue
        flags = ["-std=gnu11", "-O2", "-g", "-Wall", "-Wextra", "-pthread"]
        files = [SOURCES / part for part in [f"{name}.c", *parts]]
        subprocess.run(["gcc", *flags, "-o", binary, *files, *libraries], check=True)


def build_xylem():
    """Builds our side; without it libzmq's figures are still worth printing."""
    if subprocess.run([ROOT / "tools" / "build"]).returncode != 0:
        note("tools/bench: xylem does not build: its column stays empty")
