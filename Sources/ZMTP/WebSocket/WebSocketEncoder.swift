import Wire

/// Frames of ZMTP 3 become WebSocket messages, a binary one each (RFC 45 "Framing"), but for PING and PONG, which WebSockets have by
/// themselves.
public struct WebSocketEncoder: Sendable {
    /// Only a client masks.
    private var maskKeys: MaskKeys?
    /// What the last ping carried, as long as no pong has brought it back.
    private var openPing: [UInt8]?

    /// `randomness` fills the room it is given, with octets that nobody can predict (RFC 6455 §10.3).
    public static func client(
        randomness: @escaping @Sendable (UnsafeMutableRawBufferPointer) -> Void
    ) -> WebSocketEncoder {
        WebSocketEncoder(maskKeys: MaskKeys(randomness: randomness))
    }

    public static let server = WebSocketEncoder(maskKeys: nil)

    /// How many octets whole frames become.
    public func byteCount(encoding frames: UnsafeRawBufferPointer) -> Int {
        var byteCount = 0
        var walker = FrameWalker(frames)
        while walker.next() {
            let payload = Self.payload(walker, frames)
            byteCount += frameByteCount(payload.range.count + (payload.opcode == .binary ? 1 : 0))
        }
        return byteCount
    }

    /// Takes whole frames; gives how many octets it wrote, which is what `byteCount` has said.
    public mutating func encode(
        _ frames: UnsafeRawBufferPointer,
        into octets: UnsafeMutableRawBufferPointer
    ) -> Int {
        var byteCount = 0
        var walker = FrameWalker(frames)
        while walker.next() {
            let (opcode, range) = Self.payload(walker, frames)
            var flags: UInt8?
            if opcode == .binary { flags = Self.flags(walker.flags) }
            if opcode == .ping { openPing = Array(frames[range]) }
            byteCount += store(
                opcode,
                flags: flags,
                UnsafeRawBufferPointer(rebasing: frames[range]),
                octets,
                byteCount
            )
        }
        return byteCount
    }

    /// A close frame with a code and a reason (RFC 6455 §5.5.1); no code, no reason.
    public mutating func closeFrame(code: UInt16?, reason: String = "") -> [UInt8] {
        guard let code else { return controlFrame(.close, []) }
        let octets = [UInt8(code >> 8), UInt8(code & 0xFF)]
        // An ASCII text may be cut anywhere.
        return controlFrame(.close, octets + reason.utf8.prefix(123))
    }

    public mutating func pongFrame(_ payload: [UInt8]) -> [UInt8] { controlFrame(.pong, payload) }

    /// The PONG of ZMTP that a pong of the peer's is, if it answers the last ping; others are signs of life and no more (RFC 6455
    /// §5.5.3).
    public mutating func answer(in pong: [UInt8]) -> [UInt8]? {
        guard let openPing, openPing == pong else { return nil }
        self.openPing = nil
        return pong.withUnsafeBytes { Command.pongFrame(context: $0) }
    }

    private mutating func controlFrame(
        _ opcode: WebSocketHeader.Opcode,
        _ payload: [UInt8]
    ) -> [UInt8] {
        var frame = [UInt8](repeating: 0, count: frameByteCount(payload.count))
        _ = payload.withUnsafeBytes { payload in
            frame.withUnsafeMutableBytes { store(opcode, flags: nil, payload, $0, 0) }
        }
        return frame
    }

    private func frameByteCount(_ payloadByteCount: Int) -> Int {
        WebSocketHeader.byteCount(payloadByteCount: payloadByteCount, isMasked: maskKeys != nil)
            + payloadByteCount
    }

    private mutating func store(
        _ opcode: WebSocketHeader.Opcode,
        flags: UInt8?,
        _ body: UnsafeRawBufferPointer,
        _ octets: UnsafeMutableRawBufferPointer,
        _ start: Int
    ) -> Int {
        let maskKey = maskKeys?.next()
        let payloadByteCount = body.count + (flags == nil ? 0 : 1)
        var end =
            start
            + WebSocketHeader.store(
                opcode,
                payloadByteCount: payloadByteCount,
                maskKey: maskKey,
                in: octets,
                at: start
            )
        guard let maskKey else {
            if let flags {
                octets[end] = flags
                end += 1
            }
            UnsafeMutableRawBufferPointer(rebasing: octets[end...]).copyMemory(from: body)
            return end + body.count - start
        }
        var mask = WebSocketMask(maskKey)
        if let flags {
            withUnsafeBytes(of: flags) { mask.copy($0, to: octets, at: end) }
            end += 1
        }
        mask.copy(body, to: octets, at: end)
        return end + body.count - start
    }

    private static func flags(_ flags: UInt8) -> UInt8 {
        flags & FrameHeader.command != 0 ? 2 : flags & FrameHeader.more
    }

    /// What a frame's message carries. A ping's payload is the context of PING, without its time-to-live, which WebSockets do
    /// not have.
    private static func payload(
        _ walker: FrameWalker,
        _ frames: UnsafeRawBufferPointer
    ) -> (opcode: WebSocketHeader.Opcode, range: Range<Int>) {
        guard walker.flags & FrameHeader.command != 0 else { return (.binary, walker.body) }
        let body = walker.body
        guard body.count >= 5, body.count <= 23, frames[body.lowerBound] == 4,
            frames[body.lowerBound + 1] == UInt8(ascii: "P")
        else { return (.binary, body) }
        switch Command(body: UnsafeRawBufferPointer(rebasing: frames[body])) {
        case .ping(_, let context): return (.ping, shift(context, by: body.lowerBound))
        case .pong(let context): return (.pong, shift(context, by: body.lowerBound))
        default: return (.binary, body)
        }
    }

    private static func shift(_ range: Range<Int>, by offset: Int) -> Range<Int> {
        range.lowerBound + offset..<range.upperBound + offset
    }
}

/// Keys for masking, made many at a time.
private struct MaskKeys: Sendable {
    private let randomness: @Sendable (UnsafeMutableRawBufferPointer) -> Void
    private var keys: [UInt32] = []

    init(randomness: @escaping @Sendable (UnsafeMutableRawBufferPointer) -> Void) {
        self.randomness = randomness
    }

    mutating func next() -> UInt32 {
        if let key = keys.popLast() { return key }
        var fresh = [UInt32](repeating: 0, count: Self.batchCount)
        fresh.withUnsafeMutableBytes { randomness($0) }
        keys = fresh
        return keys.removeLast()
    }

    private static let batchCount = 64
}
