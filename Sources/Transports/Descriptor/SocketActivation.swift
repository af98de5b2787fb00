import Glibc

/// The listening sockets that a process was started with, as systemd passes them (`sd_listen_fds(3)`): a service that is
/// started by its first connection, or started anew without losing one, binds to `fd://NAME`.
public struct SocketActivation: Equatable, Sendable {
    public struct Socket: Equatable, Sendable {
        public var descriptor: Int32
        /// `FileDescriptorName=` of its unit, which is the unit's own name by default.
        public var name: String
    }

    public var sockets: [Socket] = []

    /// Reads `LISTEN_PID`, `LISTEN_FDS` and `LISTEN_FDNAMES`. What was passed to another process is none of this one's.
    public init(environment: (String) -> String?, processID: Int32) {
        guard environment("LISTEN_PID").flatMap({ Int32($0) }) == processID,
            let count = environment("LISTEN_FDS").flatMap({ Int32($0) }),
            (1...Self.countMax).contains(count)
        else { return }
        let names = (environment("LISTEN_FDNAMES") ?? "")
            .split(separator: ":", omittingEmptySubsequences: false)
        sockets = (0..<count).map { index in
            let name = Int(index) < names.count ? String(names[Int(index)]) : ""
            return Socket(descriptor: Self.first + index, name: name.isEmpty ? "unknown" : name)
        }
    }

    /// What this process was started with.
    public static var ofThisProcess: SocketActivation {
        SocketActivation(
            environment: { name in getenv(name).map { String(cString: $0) } },
            processID: getpid()
        )
    }

    /// `SD_LISTEN_FDS_START`
    private static let first: Int32 = 3
    private static let countMax: Int32 = 4096
}
