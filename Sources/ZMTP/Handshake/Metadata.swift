import Wire

/// The properties of a READY or INITIATE command: names of 1 to 255 octets, values of up to 2³¹−1 (RFC 37 "Metadata").
public struct Metadata: Equatable, Sendable {
    public struct Property: Equatable, Sendable {
        public var name: String
        public var value: [UInt8]
    }

    /// In the order of the wire.
    public private(set) var properties: [Property] = []

    public init() {}

    /// Names compare without case (RFC 37); the first of equal names counts.
    public subscript(name: String) -> [UInt8]? {
        let lowered = name.lowercased()
        return properties.first { $0.name.lowercased() == lowered }?.value
    }

    /// The value as text, when it is there and valid UTF-8.
    public func text(_ name: String) -> String? {
        self[name].flatMap { String(validating: $0, as: UTF8.self) }
    }

    public mutating func append(_ name: String, _ value: some Sequence<UInt8>) {
        precondition((1...255).contains(name.utf8.count), "a property name has 1 to 255 octets")
        properties.append(Property(name: name, value: Array(value)))
    }

    /// A peer may not make us keep more properties than this: small ones take 15 times their octets in memory.
    static let propertyCountMax = 256

    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        for property in properties {
            bytes.append(UInt8(property.name.utf8.count))
            bytes.append(contentsOf: property.name.utf8)
            BigEndian.append(UInt32(property.value.count), to: &bytes)
            bytes.append(contentsOf: property.value)
        }
        return bytes
    }

    static func decode(_ bytes: UnsafeRawBufferPointer) throws(HandshakeFailure) -> Metadata {
        var metadata = Metadata()
        var offset = 0
        while offset < bytes.count {
            let nameByteCount = Int(bytes[offset])
            let valueStart = offset + 1 + nameByteCount + 4
            guard nameByteCount > 0, valueStart <= bytes.count else {
                throw .malformedMetadata("the metadata is cut short")
            }
            let name = bytes[offset + 1..<offset + 1 + nameByteCount]
            let valueByteCount = Int(BigEndian.loadUInt32(bytes, at: valueStart - 4))
            guard name.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
                valueByteCount <= bytes.count - valueStart
            else { throw .malformedMetadata("the metadata is malformed") }
            guard metadata.properties.count < propertyCountMax else {
                throw .malformedMetadata("there are over \(propertyCountMax) properties")
            }
            metadata.append(
                String(decoding: name, as: UTF8.self),
                bytes[valueStart..<valueStart + valueByteCount]
            )
            offset = valueStart + valueByteCount
        }
        return metadata
    }
}
