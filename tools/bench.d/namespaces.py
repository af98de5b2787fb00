"""A network of namespaces on this machine: one bridge, and an interface for each name.

    with Network(["publisher", "receiver1"]) as network:
        subprocess.run(network.command("publisher", ["ping", "-c1", network.address("receiver1")]))

Names carry the number of this process, so that two runs do not meet; what a run that was killed left
behind is removed by the next.
"""

import os
import subprocess
import sys
from pathlib import Path

from processes import RunFailed, note

PREFIX = "xylem-bench"
OFFLOAD = Path(__file__).resolve().parent / "offload.py"
COMMAND_SECONDS_MAX = 60
HOST_COUNT_MAX = 200


def run(command, **options):
    words = [str(word) for word in command]
    result = subprocess.run(
        words, capture_output=True, text=True, timeout=COMMAND_SECONDS_MAX, **options
    )
    if result.returncode != 0:
        raise RunFailed(f"{' '.join(words)}: {result.stderr.strip()}")
    return result.stdout


def remove_leftovers():
    """Removes the namespaces of runs that are gone."""
    for line in run(["ip", "netns", "list"]).splitlines():
        name = line.split()[0]
        owner = name.removeprefix(PREFIX + "-").split("-")[0]
        if name.startswith(PREFIX + "-") and owner.isdigit() and not Path("/proc", owner).exists():
            note(f"removing {name} of an earlier run")
            run(["ip", "netns", "delete", name])


class Network:
    def __init__(self, names, has_offload=False):
        if os.geteuid() != 0:
            raise RunFailed("network namespaces need root: run tools/bench pgm as root")
        if len(names) > HOST_COUNT_MAX:
            raise RunFailed(f"at most {HOST_COUNT_MAX} namespaces, not {len(names)}")
        self.names = list(names)
        self.has_offload = has_offload
        self.switch = self.namespace("switch")

    def namespace(self, name):
        return f"{PREFIX}-{os.getpid()}-{name}"

    def address(self, name):
        return f"10.78.0.{self.names.index(name) + 1}"

    def command(self, name, words):
        """The command that runs `words` in the namespace; the process is the same."""
        return ["ip", "netns", "exec", self.namespace(name), *words]

    def __enter__(self):
        remove_leftovers()
        try:
            self.make()
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(self, *_):
        self.remove()

    def make(self):
        run(["ip", "netns", "add", self.switch])
        lines = ["link set lo up", "link add bridge type bridge mcast_snooping 0"]
        lines.append("link set bridge up")
        self.batch(self.switch, lines)
        # A switch has no firewall; where the kernel has one for bridges, it costs a third of all.
        for switch in Path("/proc/sys/net/bridge").glob("bridge-nf-call-*"):
            words = ["sysctl", "-q", "-w", f"net.bridge.{switch.name}=0"]
            run(["ip", "netns", "exec", self.switch, *words])
        for number, name in enumerate(self.names):
            namespace = self.namespace(name)
            run(["ip", "netns", "add", namespace])
            port = f"port{number}"
            pair = f"link add {port} type veth peer name eth0 netns {namespace}"
            self.batch(self.switch, [pair, f"link set {port} master bridge", f"link set {port} up"])
            inside = ["link set lo up", f"addr add {self.address(name)}/24 dev eth0"]
            self.batch(namespace, [*inside, "link set eth0 up"])
            if not self.has_offload:
                run(self.command(name, [sys.executable, OFFLOAD, "eth0"]))

    def batch(self, namespace, lines):
        run(["ip", "-n", namespace, "-batch", "-"], input="\n".join(lines) + "\n")

    def remove(self):
        present = {line.split()[0] for line in run(["ip", "netns", "list"]).splitlines() if line}
        for namespace in [self.switch, *map(self.namespace, self.names)]:
            if namespace in present:
                run(["ip", "netns", "delete", namespace])

    def lose(self, name, percent):
        """From now on that share of what arrives there is lost, whatever it is."""
        rules = f"""
            add table ip loss
            flush table ip loss
            add chain ip loss arrival {{ type filter hook prerouting priority raw; }}
            add rule ip loss arrival numgen random mod 1000 < {round(percent * 10)} counter drop
        """
        run(self.command(name, ["nft", "-f", "-"]), input=rules)

    def counters(self, name, group):
        """What the kernel of that namespace counted of one kind, e.g. `Udp`."""
        text = run(self.command(name, ["cat", "/proc/net/snmp"]))
        rows = [line.split()[1:] for line in text.splitlines() if line.startswith(group + ":")]
        return {key: int(value) for key, value in zip(*rows)}
