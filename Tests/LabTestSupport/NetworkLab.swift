import Foundation
import Glibc
import Synchronization

/// A network of one test: a namespace for each host, all at one bridge.
///
///     ┌ xylem-test-PID-1-switch ────────────────────────────┐
///     │                    bridge                           │
///     └──┬──────────────────┬──────────────────┬────────────┘
///        │ veth             │ veth             │ veth
///     ┌──┴── publisher ┐ ┌──┴── near ────┐ ┌───┴── far ───┐
///     │ eth0 10.79.0.1 │ │ eth0 10.79.0.2│ │eth0 10.79.0.3│
///     └────────────────┘ └───────────────┘ └──────────────┘
///
/// The bridge floods multicast, as a switch without IGMP snooping does. Checksum and segmentation offload are off, so
/// that rules see the packets a wire would carry. Namespaces carry the number of this process and of the lab, so that
/// two test runs do not meet; what a run that was killed left behind is removed by the next.
package final class NetworkLab: Sendable {
    package let hosts: [String]
    private let serial: Int
    private let isRemoved = Mutex(false)

    private static let serials = Mutex(0)

    /// Makes a network, runs `body` in it, and removes it however `body` ends.
    package static func with<Result>(
        _ hosts: [String],
        _ body: (NetworkLab) async throws -> Result
    ) async throws -> Result {
        let lab = NetworkLab(hosts)
        do {
            try await lab.make()
            let result = try await body(lab)
            await lab.remove()
            return result
        } catch {
            await lab.remove()
            throw error
        }
    }

    private init(_ hosts: [String]) {
        precondition((1...Self.hostCountMax).contains(hosts.count), "a lab has some hosts")
        self.hosts = hosts
        serial = Self.serials.withLock { serials in
            serials += 1
            return serials
        }
    }

    deinit {
        guard !isRemoved.withLock({ $0 }) else { return }
        _ = try? LabShell.runAndWait(removal)
    }

    // MARK: - Hosts

    /// The IPv4 address of a host's only interface, `eth0`.
    package func address(of host: String) -> String {
        "10.79.0.\(number(of: host))"
    }

    /// Its unique local IPv6 address.
    package func address6(of host: String) -> String {
        "fd79::\(number(of: host))"
    }

    private func number(of host: String) -> Int {
        guard let index = hosts.firstIndex(of: host) else {
            preconditionFailure("the lab has no host \(host)")
        }
        return index + 1
    }

    /// The command line that runs `words` at a host. The process that is started becomes that command itself: its
    /// number, its files and its signals are the command's.
    package func command(at host: String, _ words: [String]) -> [String] {
        ["/usr/bin/env", "ip", "netns", "exec", namespace(of: host)] + words
    }

    /// Runs a script at a host and gives what it printed.
    @discardableResult
    package func run(_ script: String, at host: String) async throws -> String {
        try await LabShell.run(Self.path + enter(host) + "sh -eu <<'SCRIPT'\n\(script)\nSCRIPT\n")
    }

    // MARK: - Wires

    /// From now on that share of the packets that arrive at a host is lost, each by chance.
    package func lose(percent: Double, at host: String) async throws {
        let share = Int((percent * 100).rounded())
        try await run(
            """
            nft -f - <<'RULES'
            add table ip loss
            flush table ip loss
            add chain ip loss arrival { type filter hook prerouting priority raw; }
            add rule ip loss arrival numgen random mod 10000 < \(share) counter drop
            RULES
            """,
            at: host
        )
    }

    /// From now on what matches (an expression of nftables, such as `udp dport 5555`) is lost where it arrives.
    package func lose(
        _ expression: String,
        family: String = "ip",
        at host: String
    ) async throws {
        try await run(
            """
            nft -f - <<'RULES'
            add table \(family) loss
            flush table \(family) loss
            add chain \(family) loss arrival { type filter hook prerouting priority raw; }
            add rule \(family) loss arrival \(expression) counter drop
            RULES
            """,
            at: host
        )
    }

    /// Nothing is lost any more. Gives how many packets were.
    @discardableResult
    package func loseNothing(family: String = "ip", at host: String) async throws -> Int {
        let table = "table \(family) loss"
        let text = try await run("nft list \(table) && nft delete \(table)", at: host)
        return Self.packetCount(in: text)
    }

    /// Begins to count the packets that match an expression and arrive at a host.
    package func count(
        _ expression: String,
        as name: String,
        family: String = "ip",
        at host: String
    ) async throws {
        try await run(
            """
            nft -f - <<'RULES'
            add table \(family) count-\(name)
            add chain \(family) count-\(name) arrival { type filter hook prerouting priority -400; }
            add rule \(family) count-\(name) arrival \(expression) counter
            RULES
            """,
            at: host
        )
    }

    /// How many were counted so far.
    package func counted(
        _ name: String,
        family: String = "ip",
        at host: String
    ) async throws -> Int {
        let table = "\(family) count-\(name)"
        return Self.packetCount(in: try await run("nft list table \(table)", at: host))
    }

    private static func packetCount(in text: String) -> Int {
        let words = text.split(whereSeparator: \.isWhitespace)
        guard let index = words.firstIndex(of: "packets"), index + 1 < words.endIndex else {
            return 0
        }
        return Int(words[index + 1]) ?? 0
    }

    // MARK: - Life

    private func make() async throws {
        await Self.removeLeftovers()
        var script = Self.path
        script += "ip netns add \(switchNamespace)\n"
        script += """
            ip -n \(switchNamespace) -batch - <<'LINES'
            link set lo up
            link add bridge type bridge mcast_snooping 0
            link set bridge up
            LINES

            """
        for (index, host) in hosts.enumerated() {
            let namespace = namespace(of: host)
            script += """
                ip netns add \(namespace)
                ip -n \(switchNamespace) -batch - <<'LINES'
                link add port\(index) type veth peer name eth0 netns \(namespace)
                link set port\(index) master bridge
                link set port\(index) up
                LINES
                \(enter(host))sysctl -q -w net.ipv6.conf.eth0.accept_dad=0
                ip -n \(namespace) -batch - <<'LINES'
                link set lo up
                addr add \(address(of: host))/24 dev eth0
                addr add \(address6(of: host))/64 dev eth0 nodad
                link set eth0 up
                LINES
                \(enter(host))python3 '\(Self.offload)' eth0

                """
        }
        try await LabShell.run(script)
    }

    private func remove() async {
        let isFirst = isRemoved.withLock { isRemoved in
            defer { isRemoved = true }
            return !isRemoved
        }
        guard isFirst else { return }
        _ = try? await LabShell.run(removal)
    }

    /// Deletes those of this lab's namespaces that there are; their interfaces go with them.
    private var removal: String {
        Self.path
            + """
            for name in $(ip netns list | cut -d ' ' -f 1); do
                case $name in \(prefix)*) ip netns delete $name ;; esac
            done
            """
    }

    /// Deletes what killed test runs left: namespaces that carry the number of a process that is gone.
    private static func removeLeftovers() async {
        let script =
            path
                + """
                for name in $(ip netns list | cut -d ' ' -f 1); do
                    case $name in \(family)*) ;; *) continue ;; esac
                    owner=${name#\(family)}
                    owner=${owner%%-*}
                    [ -d /proc/$owner ] || ip netns delete $name || true
                done
                """
        _ = try? await LabShell.run(script)
    }

    private static let family = "xylem-test-"
    private var prefix: String { "\(Self.family)\(getpid())-\(serial)-" }
    private var switchNamespace: String { prefix + "switch" }
    private func namespace(of host: String) -> String { prefix + host }
    private func enter(_ host: String) -> String { "ip netns exec \(namespace(of: host)) " }

    /// Debian keeps `nft` and `ip` where only root's shells look.
    private static let path = "export PATH=\"$PATH:/usr/sbin:/sbin\"\n"
    private static let hostCountMax = 100
    private static let offload = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "tools/bench.d/offload.py").path
}
