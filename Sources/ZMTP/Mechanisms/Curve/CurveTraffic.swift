package import CryptoBox

/// What a finished CURVE handshake leaves to the traffic: the boxes of both directions, and the last nonce of each.
package struct CurveTraffic: Sendable {
    let outgoing: TrafficBox
    var outgoingNonce: UInt64
    let incoming: TrafficBox
    var incomingNonce: UInt64

    /// `key` is of both ends' short-term keys.
    package init(_ key: KeyedBox, isServer: Bool, outgoingNonce: UInt64, incomingNonce: UInt64) {
        // RFC 26 "MESSAGE Command", with the last character that libzmq gives each direction.
        let fromClient = TrafficBox(key, prefix: "CurveZMQMESSAGEC")
        let fromServer = TrafficBox(key, prefix: "CurveZMQMESSAGES")
        outgoing = isServer ? fromServer : fromClient
        incoming = isServer ? fromClient : fromServer
        self.outgoingNonce = outgoingNonce
        self.incomingNonce = incomingNonce
    }
}

/// Fields that several commands of CurveZMQ have.
enum CurveField {
    static let keyByteCount = 32
    static let longNonceByteCount = 16
    static let shortNonceByteCount = 8

    static func octets(_ nonce: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: nonce >> (56 - 8 * $0)) }
    }
}

/// Takes fields off the front of octets whose number has been checked.
struct FieldReader {
    private(set) var rest: Slice<UnsafeRawBufferPointer>

    init(_ octets: Slice<UnsafeRawBufferPointer>) {
        rest = octets
    }

    init(_ octets: UnsafeRawBufferPointer) {
        rest = octets[...]
    }

    mutating func take(_ count: Int) -> Slice<UnsafeRawBufferPointer> {
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func takeNonce() -> UInt64 {
        take(CurveField.shortNonceByteCount).reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func takeKey() -> CurvePublicKey {
        guard let key = CurvePublicKey(octets: take(CurveField.keyByteCount)) else {
            preconditionFailure("the caller checked the number of octets")
        }
        return key
    }
}
