import SocketTestSupport
import ZeroMQ

/// libzmq's side of the matrix (`Peers/matrix.py`).
final class MatrixPeer: @unchecked Sendable {
    // One cell at a time uses it.
    private let process: PeerProcess

    init(
        _ mechanism: PatternMatrixTests.Mechanism,
        isServer: Bool,
        largeByteCount: Int
    ) throws {
        process = try PeerProcess(command: [
            PeerAvailability.interpreter, PeerProcess.peers + "/matrix.py", mechanism.rawValue,
            isServer ? "server" : "client", "\(largeByteCount)",
        ])
    }

    /// Our options against such a peer; the keys are those of RFC 26's and libzmq's own tests.
    static func options(
        _ mechanism: PatternMatrixTests.Mechanism,
        weAreServer: Bool
    ) -> SocketOptions {
        SocketOptions { options in
            options.reconnectInitial = .milliseconds(5)
            options.routingID = Array("ours".utf8)
            options.router.isMandatory = true
            options.linger = .seconds(5)
            guard let server = CurveKeyPair(secretText: serverSecret),
                let client = CurveKeyPair(secretText: clientSecret)
            else { return }
            switch (mechanism, weAreServer) {
            case (.null, _): break
            case (.plain, true):
                options.security = .plainServer
                options.authenticator = ClosureAuthenticator { peer in
                    peer.proof == .plain(user: "ann", password: "secret")
                        ? .admitted(userID: "ann") : .denied
                }
            case (.plain, false): options.security = .plain(user: "ann", password: "secret")
            case (.curve, true): options.security = .curveServer(keys: server)
            case (.curve, false):
                options.security = .curve(serverKey: server.publicKey, keys: client)
            }
        }
    }

    private static let serverSecret = "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"
    private static let clientSecret = "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs"

    /// Has it play a part; gives where it listens.
    func open(
        _ pair: PatternMatrixTests.Pair,
        binds: Bool,
        at endpoint: String
    ) async throws -> String {
        try process.send(
            "open \(pair.part) \(pair.theirType) \(binds ? "bind" : "connect") \(endpoint)"
        )
        return try await process.event("bound").endpoint ?? ""
    }

    func go() throws { try process.send("go") }

    func awaitSubscription() async throws { _ = try await process.event("subscribed") }

    /// How many messages it found as they should be.
    func heard() async throws -> Int { try await process.event("heard").count ?? 0 }

    func closeSocket() async throws {
        try process.send("close")
        _ = try await process.event("closed")
    }

    func close() async { await process.close() }
}
