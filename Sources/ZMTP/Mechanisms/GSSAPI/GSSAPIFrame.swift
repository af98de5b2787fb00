import Wire

/// What GSSAPI's commands hold: INITIATE has a token of the handshake, MESSAGE a sealed frame (RFC 38; the fields are libzmq's,
/// which the RFC leaves open).
///
///     +-------------------+--------------+---------        sealed:  +-------+--------
///     | name of a command | length, 4    | token …                 | flags | body …
///     +-------------------+--------------+---------                +-------+--------
///
/// The flags are MORE (1) and COMMAND (2), and what libzmq has for subscriptions since 2026: SUBSCRIBE (4) and CANCEL (8), whose
/// body is the topic alone.
enum GSSAPIFrame {
    static let more: UInt8 = 1
    static let command: UInt8 = 2
    static let subscribe: UInt8 = 4
    static let cancel: UInt8 = 8

    /// What a library adds to what it seals, at most; Kerberos' is about 60 octets.
    static let sealByteCountMax = 1_024
    /// "\u{7}MESSAGE"
    static let name: [UInt8] = [7, 0x4D, 0x45, 0x53, 0x53, 0x41, 0x47, 0x45]
    /// Octets of a MESSAGE before its token.
    static let headByteCount = 12

    /// The data of a command with a token.
    static func data(_ token: [UInt8]) -> [UInt8] { count(token) + token }

    /// The body of a MESSAGE with a token.
    static func body(_ token: [UInt8]) -> [UInt8] { name + count(token) + token }

    /// The token in a command's data; `nil` when it is not as long as it says.
    static func token(_ data: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard data.count >= 4, Int(BigEndian.loadUInt32(data, at: 0)) == data.count - 4
        else { return nil }
        return UnsafeRawBufferPointer(rebasing: data[4...])
    }

    /// The token in the body of a MESSAGE; `nil` when it is none.
    static func messageToken(_ body: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard body.starts(with: name) else { return nil }
        return token(UnsafeRawBufferPointer(rebasing: body[name.count...]))
    }

    private static func count(_ token: [UInt8]) -> [UInt8] {
        let count = UInt32(token.count)
        return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) }
    }
}

/// What client and server of GSSAPI do alike: tokens, and READY, which is sealed where messages are.
struct GSSAPISide: Sendable {
    let local: LocalPeer
    let isSealed: Bool
    /// `nil` where there is no library for it.
    let context: (any GSSAPIContext)?
    var minorVersion: UInt8 = 0

    /// The token of an INITIATE.
    func token(
        of command: Command,
        _ body: UnsafeRawBufferPointer
    ) throws(HandshakeFailure) -> [UInt8] {
        guard let data = command.data(of: "INITIATE", in: body) else {
            throw .unexpected(command, body, insteadOf: "INITIATE")
        }
        guard let token = GSSAPIFrame.token(UnsafeRawBufferPointer(rebasing: body[data])) else {
            throw .malformedCommand("an INITIATE whose token is not as long as it says")
        }
        return Array(token)
    }

    /// What carries a token. Where there is none, but the other side waits for a sign, libzmq sends an empty command.
    static func frame(_ token: [UInt8]) -> [UInt8] {
        token.isEmpty
            ? [FrameHeader.command, 0] : Command.frame("INITIATE", GSSAPIFrame.data(token))
    }

    func ready() throws(HandshakeFailure) -> [UInt8] {
        let frame = Command.readyFrame(local.metadata)
        guard isSealed else { return frame }
        let head = frame[0] & FrameHeader.long == 0 ? 2 : 9
        let text = [0] + frame[head...]
        guard let token = text.withUnsafeBytes({ context?.wrap($0) }) else {
            throw .gssapi("READY could not be sealed")
        }
        return Command.frame("MESSAGE", GSSAPIFrame.data(token))
    }

    /// The peer, by its READY.
    func peer(
        by command: Command,
        _ body: UnsafeRawBufferPointer,
        _ admission: Admission
    ) throws(HandshakeFailure) -> RemotePeer {
        // An ERROR is never sealed.
        guard isSealed, command.data(of: "MESSAGE", in: body) != nil else {
            if isSealed { throw .unexpected(command, body, insteadOf: "a sealed READY") }
            return try recognize(command, body, admission)
        }
        guard let token = GSSAPIFrame.messageToken(body) else {
            throw .malformedCommand("a MESSAGE whose token is not as long as it says")
        }
        guard let text = context?.unwrap(token), !text.isEmpty else {
            throw .gssapi("READY does not open: it was changed, or is of another context")
        }
        return try text[1...].withOctets { (inner) throws(HandshakeFailure) in
            try recognize(Command(body: inner), inner, admission)
        }
    }

    private func recognize(
        _ command: Command,
        _ body: UnsafeRawBufferPointer,
        _ admission: Admission
    ) throws(HandshakeFailure) -> RemotePeer {
        guard case .ready(let range) = command else {
            throw .unexpected(command, body, insteadOf: "READY")
        }
        let metadata = try Metadata.decode(UnsafeRawBufferPointer(rebasing: body[range]))
        return try local.recognize(metadata, minorVersion: minorVersion, admission)
    }
}
