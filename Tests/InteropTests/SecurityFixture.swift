import Synchronization
import ZeroMQ

@testable import XylemPeer

/// The two ends of a secured connection, one of ours and one of libzmq's, with keys of their own.
struct SecurityFixture: Sendable {
    enum Mechanism: String, CaseIterable, Sendable {
        case plain, curve
    }

    let mechanism: Mechanism
    let weAreServer: Bool
    let serverKeys = CurveKeyPair.random()
    let clientKeys = CurveKeyPair.random()
    /// The server's key, as the client has it.
    var expectedKey: CurvePublicKey
    /// What libzmq's ZAP handler answers.
    var zapStatus = "200"
    let asked = Verdicts()

    init(_ mechanism: Mechanism, weAreServer: Bool) {
        self.mechanism = mechanism
        self.weAreServer = weAreServer
        expectedKey = serverKeys.publicKey
    }

    /// Of our socket.
    var options: SocketOptions {
        SocketOptions { options in
            options.security = security
            options.domain = "weather"
            options.reconnectInitial = .milliseconds(10)
            options.reconnectMaximum = .milliseconds(20)
            let asked = asked
            if weAreServer {
                options.authenticator = ClosureAuthenticator { asked.verdict(on: $0) }
            }
        }
    }

    private var security: Security {
        switch (mechanism, weAreServer) {
        case (.plain, true): .plainServer
        case (.plain, false): .plain(user: "ann", password: "secret")
        case (.curve, true): .curveServer(keys: serverKeys)
        case (.curve, false): .curve(serverKey: expectedKey, keys: clientKeys)
        }
    }

    /// Of libzmq's.
    var peerArguments: [String] {
        let zap = ["--zap", zapStatus, "--zap-domain", "weather"]
        return switch (mechanism, weAreServer) {
        case (.plain, true): ["--plain", "ann:secret"]
        case (.plain, false): ["--plain-server"] + zap
        case (.curve, true):
            [
                "--curve-secret", Self.hex(Z85.decode(clientKeys.secretText)),
                "--curve-server-key", Self.hex(expectedKey.octets),
            ]
        case (.curve, false):
            ["--curve-secret", Self.hex(Z85.decode(serverKeys.secretText))] + zap
        }
    }

    /// What the other end proves, when all is well.
    var proof: PeerIntroduction.Proof {
        mechanism == .plain
            ? .plain(user: "ann", password: "secret") : .curve(clientKeys.publicKey)
    }

    private static func hex(_ octets: [UInt8]?) -> String {
        (octets ?? []).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

/// An authenticator's answers, in order; the last one is given again and again.
final class Verdicts: Sendable {
    private let state = Mutex((verdicts: [AuthenticationVerdict](), peers: [PeerIntroduction]()))

    func set(_ verdicts: AuthenticationVerdict...) {
        state.withLock { $0.verdicts = verdicts }
    }

    /// Who has been asked about.
    var peers: [PeerIntroduction] { state.withLock { $0.peers } }

    func verdict(on peer: PeerIntroduction) -> AuthenticationVerdict {
        state.withLock { state in
            state.peers.append(peer)
            let verdict = state.verdicts.first ?? .admitted(userID: "ann")
            if state.verdicts.count > 1 { state.verdicts.removeFirst() }
            return verdict
        }
    }
}
