/// Reads the frame with which a peer begins that sends no READY: it holds the peer's routing id, at most 255 octets, and often none.
///
/// ZMTP 1.0 (RFC 13 "The Connection Layer"), ZMTP 2.0 (RFC 15) and WebSockets without a mechanism (RFC 45 "No Mechanism") have it.
struct RoutingIDReader: Sendable {
    private var header: [UInt8] = []
    /// Octets of the routing id; `nil` until the header is read.
    private var byteCount: Int?
    private(set) var routingID: [UInt8] = []

    /// A frame of ZMTP 2.0: flags, length, body.
    init() {}

    /// A frame whose header has been read.
    init(byteCount: Int) {
        self.byteCount = byteCount
    }

    var isComplete: Bool { routingID.count == byteCount }

    /// Takes octets from `offset` on, as many as are lacking, and moves `offset` past them.
    mutating func handle(
        _ bytes: UnsafeRawBufferPointer,
        _ offset: inout Int
    ) throws(HandshakeFailure) {
        while byteCount == nil, offset < bytes.count {
            header.append(bytes[offset])
            offset += 1
            guard header[0] == 0 else {
                throw .malformedCommand(
                    "no routing id of at most 255 octets came, but a frame with flags \(header[0])"
                )
            }
            if header.count == 2 { byteCount = Int(header[1]) }
        }
        guard let byteCount else { return }
        let end = min(bytes.count, offset + byteCount - routingID.count)
        routingID += bytes[offset..<end]
        offset = end
    }

    /// The frame of ZMTP 2.0 that says this routing id.
    static func frame(_ routingID: [UInt8]) -> [UInt8] {
        [0, UInt8(routingID.count)] + routingID
    }
}
