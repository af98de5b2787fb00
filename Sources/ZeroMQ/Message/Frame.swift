public import NIOCore

/// One part of a message: any octets.
public struct Frame: Sendable, Equatable, ExpressibleByStringInterpolation {
    /// The octets, sharing storage with the message they came in.
    public var buffer: ByteBuffer

    @inlinable
    public init(_ buffer: ByteBuffer) {
        self.buffer = buffer
    }

    @inlinable
    public init(_ bytes: some Sequence<UInt8>) {
        buffer = ByteBuffer(bytes: bytes)
    }

    /// The UTF-8 octets of the text.
    public init(_ text: String) {
        buffer = ByteBuffer(string: text)
    }

    public init(stringLiteral text: String) {
        self.init(text)
    }

    /// How many octets.
    public var count: Int { buffer.readableBytes }

    /// The octets as UTF-8; what is not UTF-8 is replaced by U+FFFD.
    public var text: String { String(buffer: buffer) }

    public var bytes: [UInt8] { Array(buffer.readableBytesView) }

    public func withUnsafeBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try buffer.withUnsafeReadableBytes(body)
    }
}

extension Frame: CustomStringConvertible {
    /// Printable UTF-8 as text, anything else as `0x` and hexadecimal digits; the first 64 octets.
    public var description: String {
        let shown = bytes.prefix(64)
        let rest = count > shown.count ? "… (\(count) octets)" : ""
        guard let text = String(validating: shown, as: UTF8.self),
            text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else {
            return shown.reduce("0x") {
                $0 + String($1 >> 4, radix: 16) + String($1 & 15, radix: 16)
            } + rest
        }
        return text + rest
    }
}
