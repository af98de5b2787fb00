/// What a socket asks a ZAP handler, as a message (RFC 27 "Message Format"). Frames are those after the address delimiter, which
/// REQ and REP deal with by themselves.
///
///     version · request id · domain · address · routing id · mechanism · credentials …
public struct ZAPRequest: Equatable, Sendable {
    /// Echoed by the reply.
    public var requestID: [UInt8]
    /// The peer's IP address; empty for a peer on this machine.
    public var address: String
    public var question: AuthenticationRequest

    public init(requestID: [UInt8], address: String, question: AuthenticationRequest) {
        self.requestID = requestID
        self.address = address
        self.question = question
    }

    public var frames: [[UInt8]] {
        [
            Array(ZAP.version), requestID, Array(question.domain.utf8), Array(address.utf8),
            question.routingID, Array(question.mechanism.utf8),
        ] + question.credentials
    }

    public init(frames: [[UInt8]]) throws(ZAPError) {
        try ZAP.check(frames, countMin: 6)
        guard frames.count <= 6 + ZAP.credentialCountMax else { throw .frameCount(frames.count) }
        requestID = frames[1]
        address = try ZAP.text(frames[3], "address")
        question = AuthenticationRequest(
            mechanism: try ZAP.text(frames[5], "mechanism"),
            credentials: Array(frames[6...])
        )
        question.domain = try ZAP.text(frames[2], "domain")
        guard frames[4].count <= 255 else { throw .field("routing id") }
        question.routingID = frames[4]
        guard !question.mechanism.isEmpty else { throw .field("mechanism") }
    }
}

/// What a ZAP handler answers (RFC 27 "Message Format").
///
///     version · request id · status code · status text · user id · metadata
public struct ZAPReply: Equatable, Sendable {
    public var requestID: [UInt8]
    public var verdict: AuthenticationVerdict
    /// For people.
    public var text: String

    public init(requestID: [UInt8], verdict: AuthenticationVerdict, text: String = "") {
        self.requestID = requestID
        self.verdict = verdict
        self.text = text
    }

    public var frames: [[UInt8]] {
        let (code, admission) =
            switch verdict {
            case .admitted(let admission): ("200", admission)
            case .tryLater: ("300", Admission())
            case .denied: ("400", Admission())
            case .failed: ("500", Admission())
            }
        return [
            Array(ZAP.version), requestID, Array(code.utf8), Array(text.utf8),
            Array((admission.userID ?? "").utf8), admission.metadata.encoded,
        ]
    }

    public init(frames: [[UInt8]]) throws(ZAPError) {
        try ZAP.check(frames, countMin: 6)
        guard frames.count == 6 else { throw .frameCount(frames.count) }
        requestID = frames[1]
        text = try ZAP.text(frames[3], "status text")
        switch frames[2] {
        case Array("200".utf8):
            let userID = try ZAP.text(frames[4], "user id")
            verdict = .admitted(
                Admission(
                    userID: userID.isEmpty ? nil : userID,
                    metadata: try ZAP.metadata(frames[5])
                )
            )
        case Array("300".utf8): verdict = .tryLater
        case Array("400".utf8): verdict = .denied
        case Array("500".utf8): verdict = .failed
        default: throw .field("status code")
        }
    }
}

/// How a message is no request or reply of ZAP 1.0.
public enum ZAPError: Error, Equatable, Sendable, CustomStringConvertible {
    case frameCount(Int)
    case version(String)
    case field(String)

    public var description: String {
        switch self {
        case .frameCount(let count): "a ZAP message does not have \(count) frames"
        case .version(let version): "ZAP \(version) is not known; 1.0 is"
        case .field(let name): "the \(name) of a ZAP message is malformed"
        }
    }
}

/// What requests and replies have in common.
public enum ZAP {
    /// Where a process's handler listens.
    public static let endpoint = "inproc://zeromq.zap.01"

    static let version = "1.0".utf8
    /// RFC 27's mechanisms have two at most.
    static let credentialCountMax = 16

    static func check(_ frames: [[UInt8]], countMin: Int) throws(ZAPError) {
        guard let version = frames.first else { throw .frameCount(0) }
        guard version.elementsEqual(Self.version) else {
            throw .version(HandshakeFailure.printable(version.prefix(20)))
        }
        guard frames.count >= countMin else { throw .frameCount(frames.count) }
    }

    /// "All string fields are at most 255 characters and are ASCII only"; other UTF-8 does no harm.
    static func text(_ frame: [UInt8], _ name: String) throws(ZAPError) -> String {
        guard frame.count <= 255, let text = String(validating: frame, as: UTF8.self) else {
            throw .field(name)
        }
        return text
    }

    static func metadata(_ frame: [UInt8]) throws(ZAPError) -> Metadata {
        do throws(HandshakeFailure) {
            return try frame[...].withOctets { (octets) throws(HandshakeFailure) in
                try Metadata.decode(octets)
            }
        } catch {
            throw .field("metadata")
        }
    }
}
