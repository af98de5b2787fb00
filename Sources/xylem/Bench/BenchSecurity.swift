import ZeroMQ

/// The keys of a measurement with CURVE: one end's own, told to the other.
struct BenchSecurity: Sendable {
    private let keys: CurveKeyPair?

    init(_ setup: BenchSetup) {
        keys = setup.curve ? .random() : nil
    }

    /// Of the sockets that bind.
    var options: SocketOptions {
        SocketOptions {
            if let keys { $0.security = .curveServer(keys: keys) }
        }
    }

    /// What the other process is told.
    var arguments: [String] { keys.map { ["--server-key", $0.publicKey.description] } ?? [] }

    /// Of the sockets that connect.
    static func options(serverKey: String?) -> SocketOptions {
        let serverKey = serverKey.flatMap { CurvePublicKey($0) }
        return SocketOptions {
            if let serverKey { $0.security = .curve(serverKey: serverKey, keys: .random()) }
        }
    }
}
