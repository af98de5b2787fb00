import Wire

/// A command frame's body: one octet of name length, the name, the data (RFC 37 "Commands").
public enum Command: Equatable, Sendable {
    case ready(metadata: Range<Int>)
    case error(reason: Range<Int>)
    /// Ranges are places in the body that was decoded: topics are not copied.
    case subscribe(topic: Range<Int>)
    case cancel(topic: Range<Int>)
    /// `ttl` in tenths of a second; the context has at most 16 octets.
    case ping(ttl: UInt16, context: Range<Int>)
    case pong(context: Range<Int>)
    /// A RADIO-DISH group is joined or left (RFC 48).
    case join(group: Range<Int>)
    case leave(group: Range<Int>)
    /// A well-formed command of another name: an extension's, or one this engine has never heard of, which RFC 37
    /// lets it ignore.
    case unknown(name: Range<Int>, data: Range<Int>)
    case malformed

    public init(body: UnsafeRawBufferPointer) {
        guard let nameByteCount = body.first.map(Int.init), nameByteCount > 0,
            nameByteCount < body.count
        else {
            self = .malformed
            return
        }
        let data = (1 + nameByteCount)..<body.count
        self = Self.decode(
            name: UnsafeRawBufferPointer(rebasing: body[1..<1 + nameByteCount]),
            data,
            body
        )
    }

    var isPong: Bool {
        if case .pong = self { true } else { false }
    }

    private static func decode(
        name: UnsafeRawBufferPointer,
        _ data: Range<Int>,
        _ body: UnsafeRawBufferPointer
    ) -> Command {
        if name.elementsEqual("SUBSCRIBE".utf8) { return .subscribe(topic: data) }
        if name.elementsEqual("CANCEL".utf8) { return .cancel(topic: data) }
        if name.elementsEqual("PING".utf8) {
            // RFC 37 forbids contexts over 16 octets; libzmq sends none and would echo the first 16.
            guard data.count >= 2, data.count <= 18 else { return .malformed }
            let ttl = BigEndian.loadUInt16(body, at: data.lowerBound)
            return .ping(ttl: ttl, context: data.dropFirst(2))
        }
        if name.elementsEqual("PONG".utf8) {
            return data.count <= 16 ? .pong(context: data) : .malformed
        }
        if name.elementsEqual("JOIN".utf8) { return .join(group: data) }
        if name.elementsEqual("LEAVE".utf8) { return .leave(group: data) }
        if name.elementsEqual("READY".utf8) { return .ready(metadata: data) }
        if name.elementsEqual("ERROR".utf8) {
            guard let count = data.first.map({ Int(body[$0]) }), count == data.count - 1 else {
                return .malformed
            }
            return .error(reason: data.dropFirst())
        }
        return .unknown(name: 1..<1 + name.count, data: data)
    }
}

extension Command {
    /// A whole command frame with this name and data.
    package static func frame(_ name: String, _ data: some Sequence<UInt8>) -> [UInt8] {
        var body: [UInt8] = [UInt8(name.utf8.count)]
        body.append(contentsOf: name.utf8)
        body.append(contentsOf: data)
        var frame: [UInt8] = []
        body.withUnsafeBytes { FrameHeader.append(body: $0, isCommand: true, to: &frame) }
        return frame
    }

    public static func readyFrame(_ metadata: Metadata) -> [UInt8] {
        frame("READY", metadata.encoded)
    }

    /// `reason` is cut at 255 octets.
    public static func errorFrame(_ reason: String) -> [UInt8] {
        let text = Array(reason.utf8.prefix(255))
        return frame("ERROR", [UInt8(text.count)] + text)
    }

    public static func pingFrame(ttl: UInt16, context: [UInt8] = []) -> [UInt8] {
        frame("PING", [UInt8(ttl >> 8), UInt8(ttl & 0xFF)] + context)
    }

    /// With a number for a context, in one piece: ten thousand connections send this every few seconds.
    static func pingFrame(ttl: UInt16, number: UInt32) -> [UInt8] {
        [
            FrameHeader.command, 11, 4, 0x50, 0x49, 0x4E, 0x47,
            UInt8(ttl >> 8), UInt8(truncatingIfNeeded: ttl),
            UInt8(truncatingIfNeeded: number >> 24), UInt8(truncatingIfNeeded: number >> 16),
            UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number),
        ]
    }

    public static func pongFrame(context: UnsafeRawBufferPointer) -> [UInt8] {
        frame("PONG", context)
    }
}
