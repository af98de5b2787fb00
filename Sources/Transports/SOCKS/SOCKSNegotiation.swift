import Vocabulary

/// A client's talk with a SOCKS 5 proxy, until the way to the target is open (RFC 1928, RFC 1929).
///
///     greeting ── method: none ─────────────────────────────▶ request ── reply ──▶ open
///         └────── method: user name ──▶ password ── granted ───▲
///
/// One read in, octets to send or a verdict out.
struct SOCKSNegotiation: Sendable {
    enum Step: Equatable, Sendable {
        /// Nothing to say yet.
        case wait
        case send([UInt8])
        /// The way is open: what has arrived behind the reply is the target's.
        case open(rest: [UInt8])
        case failed(String)
    }

    private enum State {
        case method
        case password
        case reply
        case done
    }

    private let proxy: SOCKSProxy
    private let host: String
    private let port: Int
    private var state = State.method
    private var received: [UInt8] = []

    /// `host`: a name that the proxy resolves, or an address.
    init(proxy: SOCKSProxy, host: String, port: Int) {
        self.proxy = proxy
        self.host = host
        self.port = port
    }

    /// What leaves first: the methods of authentication that there are.
    var greeting: [UInt8] { proxy.user == nil ? [5, 1, 0] : [5, 2, 0, 2] }

    mutating func handle(_ octets: some Sequence<UInt8>) -> Step {
        received += octets
        switch state {
        case .method: return handleMethod()
        case .password: return handleGrant()
        case .reply: return handleReply()
        case .done: return .wait
        }
    }

    private mutating func handleMethod() -> Step {
        guard received.count >= 2 else {
            return received.first ?? 5 == 5 ? .wait : fail(Self.strange)
        }
        guard received[0] == 5 else { return fail(Self.strange) }
        let method = received[1]
        received.removeFirst(2)
        switch (method, proxy.user) {
        case (0, _):
            state = .reply
            return .send(request)
        case (2, let user?):
            state = .password
            let password = Array((proxy.password ?? "").utf8)
            return .send(
                [1, UInt8(user.utf8.count)] + user.utf8 + [UInt8(password.count)] + password
            )
        default:
            return fail(
                proxy.user == nil
                    ? "the proxy wants a user name and a password"
                    : "the proxy does not take a user name and a password"
            )
        }
    }

    private mutating func handleGrant() -> Step {
        guard received.count >= 2 else { return .wait }
        guard received[1] == 0 else {
            return fail("the proxy refused the user name or the password")
        }
        received.removeFirst(2)
        state = .reply
        return .send(request)
    }

    /// CONNECT, by name: the proxy may know names that this machine does not.
    private var request: [UInt8] {
        let place: [UInt8]
        switch NetworkAddress(text: host) {
        case let address?: place = [address.family == .v4 ? 1 : 4] + address.octets
        case nil: place = [3, UInt8(truncatingIfNeeded: host.utf8.count)] + host.utf8
        }
        return [5, 1, 0] + place + [UInt8(port >> 8 & 0xFF), UInt8(port & 0xFF)]
    }

    private mutating func handleReply() -> Step {
        guard received.count >= 5 else { return .wait }
        guard received[0] == 5 else { return fail(Self.strange) }
        guard received[1] == 0 else { return fail(Self.explanation(of: received[1])) }
        let addressByteCount: Int
        switch received[3] {
        case 1: addressByteCount = 4
        case 3: addressByteCount = 1 + Int(received[4])
        case 4: addressByteCount = 16
        default: return fail(Self.strange)
        }
        let end = 4 + addressByteCount + 2
        guard received.count >= end else { return .wait }
        state = .done
        return .open(rest: Array(received[end...]))
    }

    private mutating func fail(_ problem: String) -> Step {
        state = .done
        return .failed(problem)
    }

    private static let strange = "the proxy does not speak SOCKS 5"

    /// RFC 1928 §6.
    private static func explanation(of code: UInt8) -> String {
        switch code {
        case 2: "the proxy does not allow this connection"
        case 3: "the proxy cannot reach the network"
        case 4: "the proxy cannot reach the host"
        case 5: "the connection behind the proxy was refused"
        case 6: "no answer behind the proxy in time"
        default: "the proxy failed (code \(code))"
        }
    }
}
