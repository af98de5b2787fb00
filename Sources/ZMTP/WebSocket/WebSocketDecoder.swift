import Wire

/// WebSocket messages become frames of ZMTP 3 (RFC 6455 §5, RFC 45 "Framing", RFC 39 "Framing").
///
///     binary message:  flags | body           flags: 0 last, 1 more, 2 command
///     frame of ZMTP 3: flags | length | body
///
/// A message in one WebSocket frame is written as it arrives. One in fragments is kept until its end, because the length of a
/// frame comes first. Control frames, which may stand between fragments, are given to the shell.
public struct WebSocketDecoder: Sendable {
    public enum Control: Equatable, Sendable {
        /// To be answered by a pong with the same payload.
        case ping([UInt8])
        case pong([UInt8])
        /// To be answered by a close. The code is `nil` when none was given.
        case close(code: UInt16?, reason: String)
    }

    private enum Progress {
        /// The octets of a header that an earlier read ended in.
        case header([UInt8])
        /// Of a message's first octet, its flags, and the body after it.
        case flags(bodyByteCount: Int, WebSocketMask?)
        case body(remainingByteCount: Int, WebSocketMask?)
        case fragment(remainingByteCount: Int, WebSocketMask?, isLast: Bool)
        case control(WebSocketHeader.Opcode, [UInt8], remainingByteCount: Int, WebSocketMask?)
    }

    /// Whether the peer must mask, as every client must.
    private let isPeerMasking: Bool
    private let messageByteCountMax: Int
    private var progress = Progress.header([])
    /// Flags and body of a message in fragments, as far as it has come; `nil` outside of one.
    private var fragments: [UInt8]?
    private var isMessageWhole = false

    /// `messageByteCountMax`: the longest body.
    public init(isServer: Bool, messageByteCountMax: Int = .max) {
        isPeerMasking = isServer
        self.messageByteCountMax = messageByteCountMax
    }

    /// The most octets of frames that `octetCount` further octets can give.
    public func byteCountMax(decoding octetCount: Int) -> Int {
        // A frame's header is longer than a WebSocket's by four at most, for a body of 256 octets at least; the last message
        // may have begun earlier.
        let pending = WebSocketHeader.byteCountMax + FrameHeader.byteCountMax
        return octetCount + 4 * (octetCount / 256) + pending + (fragments?.count ?? 0)
    }

    /// Takes octets from `offset` on, up to a control frame's end or their own, and moves `offset` past them; writes frames
    /// at `byteCount`, which is moved, too. `nil`: all octets are taken.
    public mutating func next(
        _ octets: UnsafeRawBufferPointer,
        from offset: inout Int,
        into frames: UnsafeMutableRawBufferPointer,
        at byteCount: inout Int
    ) throws(WebSocketViolation) -> Control? {
        while offset < octets.count {
            switch progress {
            case .header(let begun): try readHeader(begun, octets, &offset)
            case .flags(let bodyByteCount, let mask):
                byteCount += try readFlags(octets, &offset, bodyByteCount, mask, frames, byteCount)
            case .body(let remaining, var mask):
                let taken = min(remaining, octets.count - offset)
                Self.copy(octets, offset, taken, &mask, frames, byteCount)
                offset += taken
                byteCount += taken
                progress =
                    taken == remaining
                    ? .header([]) : .body(remainingByteCount: remaining - taken, mask)
            case .fragment(let remaining, var mask, let isLast):
                let part = Self.take(octets, &offset, remaining, &mask)
                fragments?.append(contentsOf: part)
                guard part.count == remaining else {
                    progress = .fragment(
                        remainingByteCount: remaining - part.count,
                        mask,
                        isLast: isLast
                    )
                    break
                }
                try endFragment(isLast: isLast)
            case .control(let opcode, let payload, let remaining, var mask):
                let part = Self.take(octets, &offset, remaining, &mask)
                progress = .control(
                    opcode,
                    payload + part,
                    remainingByteCount: remaining - part.count,
                    mask
                )
            }
            // What is empty, or over, asks for no further octet.
            byteCount += try finishFragments(frames, byteCount)
            if let control = try finishControl() { return control }
        }
        return nil
    }
}

// MARK: - Headers

extension WebSocketDecoder {
    private mutating func readHeader(
        _ begun: [UInt8],
        _ octets: UnsafeRawBufferPointer,
        _ offset: inout Int
    ) throws(WebSocketViolation) {
        if begun.isEmpty, let header = WebSocketHeader(octets, at: offset) {
            offset += header.byteCount
            return try begin(header)
        }
        let end = min(octets.count, offset + WebSocketHeader.byteCountMax - begun.count)
        let bytes = begun + octets[offset..<end]
        guard let header = bytes.withUnsafeBytes({ WebSocketHeader($0, at: 0) }) else {
            progress = .header(bytes)
            offset = end
            return
        }
        offset += header.byteCount - begun.count
        try begin(header)
    }

    private mutating func begin(_ header: WebSocketHeader) throws(WebSocketViolation) {
        guard header.reserved == 0, let opcode = WebSocketHeader.Opcode(rawValue: header.opcode)
        else { throw .malformed("a frame has reserved bits or an unknown opcode") }
        guard (header.maskKey != nil) == isPeerMasking else {
            throw .malformed(
                isPeerMasking ? "a client's frame is not masked" : "a server's frame is masked"
            )
        }
        let mask = header.maskKey.map { WebSocketMask($0) }
        if opcode.isControl {
            guard header.isFinal, header.payloadByteCount <= 125 else {
                throw .malformed("a control frame is in fragments, or has over 125 octets")
            }
            let byteCount = Int(header.payloadByteCount)
            progress = .control(opcode, [], remainingByteCount: byteCount, mask)
            return
        }
        guard opcode != .text else { throw .text }
        guard (opcode == .continuation) == (fragments != nil) else {
            throw .malformed("a message begins inside of another, or goes on without a beginning")
        }
        let byteCount = Int(exactly: header.payloadByteCount) ?? .max
        // The first octet of a message is its flags, and no part of the body.
        let (total, overflows) = byteCount.addingReportingOverflow(fragments?.count ?? 0)
        guard !overflows, total - 1 <= messageByteCountMax else {
            throw .tooLong(limit: messageByteCountMax)
        }
        if header.isFinal, fragments == nil {
            guard byteCount > 0 else { throw .noFlags }
            progress = .flags(bodyByteCount: byteCount - 1, mask)
        } else {
            if fragments == nil { fragments = [] }
            progress = .fragment(remainingByteCount: byteCount, mask, isLast: header.isFinal)
            if byteCount == 0 { try endFragment(isLast: header.isFinal) }
        }
    }
}

// MARK: - Payloads

extension WebSocketDecoder {
    private mutating func readFlags(
        _ octets: UnsafeRawBufferPointer,
        _ offset: inout Int,
        _ bodyByteCount: Int,
        _ mask: WebSocketMask?,
        _ frames: UnsafeMutableRawBufferPointer,
        _ byteCount: Int
    ) throws(WebSocketViolation) -> Int {
        var mask = mask
        let flags = Self.take(octets, &offset, 1, &mask)[0]
        progress =
            bodyByteCount == 0 ? .header([]) : .body(remainingByteCount: bodyByteCount, mask)
        return try Self.storeHeader(flags, bodyByteCount: bodyByteCount, frames, byteCount)
    }

    private static func storeHeader(
        _ flags: UInt8,
        bodyByteCount: Int,
        _ frames: UnsafeMutableRawBufferPointer,
        _ byteCount: Int
    ) throws(WebSocketViolation) -> Int {
        guard flags <= 2 else {
            throw .malformed("a message has the flags \(flags); 0, 1 and 2 exist")
        }
        return FrameHeader.store(
            bodyByteCount: bodyByteCount,
            hasMore: flags == 1,
            isCommand: flags == 2,
            in: frames,
            at: byteCount
        )
    }

    /// A fragment is whole; a last one leaves the message to `finishFragments`.
    private mutating func endFragment(isLast: Bool) throws(WebSocketViolation) {
        progress = .header([])
        guard isLast else { return }
        guard fragments?.isEmpty == false else { throw .noFlags }
        isMessageWhole = true
    }

    private mutating func finishFragments(
        _ frames: UnsafeMutableRawBufferPointer,
        _ byteCount: Int
    ) throws(WebSocketViolation) -> Int {
        guard isMessageWhole, let message = fragments else { return 0 }
        isMessageWhole = false
        fragments = nil
        let header = try Self.storeHeader(
            message[0],
            bodyByteCount: message.count - 1,
            frames,
            byteCount
        )
        var unmasked: WebSocketMask?
        message.withUnsafeBytes {
            Self.copy($0, 1, message.count - 1, &unmasked, frames, byteCount + header)
        }
        return header + message.count - 1
    }

    private mutating func finishControl() throws(WebSocketViolation) -> Control? {
        guard case .control(let opcode, let payload, 0, _) = progress else { return nil }
        progress = .header([])
        switch opcode {
        case .ping: return .ping(payload)
        case .pong: return .pong(payload)
        case .close: return try Self.close(payload)
        case .continuation, .text, .binary: return nil
        }
    }

    private static func close(_ payload: [UInt8]) throws(WebSocketViolation) -> Control {
        guard !payload.isEmpty else { return .close(code: nil, reason: "") }
        guard payload.count >= 2 else { throw .malformed("a close has half a code") }
        return .close(
            code: UInt16(payload[0]) << 8 | UInt16(payload[1]),
            reason: HandshakeFailure.printable(payload[2...])
        )
    }

    private static func copy(
        _ octets: UnsafeRawBufferPointer,
        _ offset: Int,
        _ count: Int,
        _ mask: inout WebSocketMask?,
        _ target: UnsafeMutableRawBufferPointer,
        _ start: Int
    ) {
        let source = UnsafeRawBufferPointer(rebasing: octets[offset..<offset + count])
        if mask == nil {
            UnsafeMutableRawBufferPointer(rebasing: target[start...]).copyMemory(from: source)
        } else {
            mask?.copy(source, to: target, at: start)
        }
    }

    private static func take(
        _ octets: UnsafeRawBufferPointer,
        _ offset: inout Int,
        _ count: Int,
        _ mask: inout WebSocketMask?
    ) -> [UInt8] {
        let taken = min(count, octets.count - offset)
        defer { offset += taken }
        return [UInt8](unsafeUninitializedCapacity: taken) { room, initializedCount in
            copy(octets, offset, taken, &mask, UnsafeMutableRawBufferPointer(room), 0)
            initializedCount = taken
        }
    }
}

/// How a peer broke the rules of WebSockets, or of ZMTP on them.
public enum WebSocketViolation: Error, Equatable, Sendable, CustomStringConvertible {
    case malformed(String)
    /// ZWS messages are binary.
    case text
    /// A message without its first octet.
    case noFlags
    case tooLong(limit: Int)

    /// The code of the close that tells the peer (RFC 6455 §7.4.1).
    public var closeCode: UInt16 {
        switch self {
        case .malformed, .noFlags: 1002
        case .text: 1003
        case .tooLong: 1009
        }
    }

    public var description: String {
        switch self {
        case .malformed(let what): "malformed WebSocket: \(what)"
        case .text: "a WebSocket message of text came; ZMTP's are binary"
        case .noFlags: "a WebSocket message is empty; its first octet must be its flags"
        case .tooLong(let limit): "a WebSocket message is over the limit of \(limit) octets"
        }
    }
}
