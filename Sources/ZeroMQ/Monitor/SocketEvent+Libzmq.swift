import Transports
import Wire
import ZMTP

extension SocketEvent {
    /// The event in libzmq's numbers; `nil` where libzmq has none.
    public var libzmq: LibzmqEvent? {
        switch self {
        case .listening(let endpoint):
            LibzmqEvent(.listening, local: endpoint.description)
        case .bindFailed(let endpoint, _):
            LibzmqEvent(.bindFailed, local: endpoint.description)
        case .stoppedListening(let endpoint):
            LibzmqEvent(.closed, local: endpoint.description)
        case .acceptPaused(let endpoint, _), .acceptFailed(let endpoint, _):
            LibzmqEvent(.acceptFailed, local: endpoint.description)
        case .closeFailed(let endpoint, _):
            LibzmqEvent(.closeFailed, local: endpoint.description)
        case .dialling(let endpoint):
            LibzmqEvent(.connectDelayed, remote: endpoint.description)
        case .retrying(let endpoint, _, let wait):
            LibzmqEvent(
                .connectRetried,
                values: [UInt64(max(0, wait.nanoseconds / 1_000_000))],
                remote: endpoint.description
            )
        case .gaveUp(let endpoint, _):
            LibzmqEvent(.closed, remote: endpoint.description)
        case .opened(let ends, let isDialled):
            LibzmqEvent(isDialled ? .connected : .accepted, ends)
        case .established(let ends, _):
            LibzmqEvent(.handshakeSucceeded, ends)
        case .disconnected(let ends, .handshake(let failure)): LibzmqEvent(failure, ends)
        case .disconnected(let ends, .closedHere): LibzmqEvent(.closed, ends)
        case .disconnected(let ends, _): LibzmqEvent(.disconnected, ends)
        case .statistics(let peer):
            LibzmqEvent(
                .pipesStats,
                peer.ends,
                [peer.outgoing.queuedMessageCount, peer.unreadMessageCount].map { UInt64($0) }
            )
        case .acceptResumed, .multicast: nil
        }
    }
}

extension LibzmqEvent {
    fileprivate init(_ kind: Kind, _ ends: ConnectionEnds, _ values: [UInt64] = [0]) {
        self.init(kind, values: values, local: ends.local, remote: ends.remote)
    }

    fileprivate init(_ failure: HandshakeFailure, _ ends: ConnectionEnds) {
        if let status = failure.zapStatus {
            self.init(.handshakeFailedAuth, ends, [status])
        } else if let code = failure.protocolError {
            self.init(.handshakeFailedProtocol, ends, [code])
        } else {
            self.init(.handshakeFailedNoDetail, ends)
        }
    }
}

extension HandshakeFailure {
    /// ZAP's status code (RFC 27), where an authenticator, ours or the peer's, is the reason.
    fileprivate var zapStatus: UInt64? {
        switch self {
        case .notAdmitted(.tryLater), .refused(reason: "300"): 300
        case .notAdmitted(.denied), .refused(reason: "400"): 400
        case .notAdmitted(.failed), .refused(reason: "500"): 500
        default: nil
        }
    }

    /// `ZMQ_PROTOCOL_ERROR_…` of `zmq.h`; `nil` where a connection merely did not come about.
    fileprivate var protocolError: UInt64? {
        switch self {
        // ZMTP_UNEXPECTED_COMMAND: with two servers or two clients, one side hears what it should have said.
        case .unexpectedCommand, .sameRole: 0x1000_0001
        // ZMTP_MALFORMED_COMMAND_UNSPECIFIED
        case .malformedCommand: 0x1000_0011
        // ZMTP_INVALID_METADATA, of which the type of the socket is a part.
        case .malformedMetadata, .incompatibleSocketType: 0x1000_0018
        // ZMTP_CRYPTOGRAPHIC
        case .cryptographic, .gssapi: 0x1100_0001
        // ZMTP_MECHANISM_MISMATCH
        case .mechanismMismatch: 0x1100_0002
        // ZMTP_UNSPECIFIED
        case .malformedGreeting, .unsupportedVersion, .notZMTP: 0x1000_0000
        case .notAdmitted, .refused, .leftAfterReady, .abandoned, .timedOut: nil
        }
    }
}
