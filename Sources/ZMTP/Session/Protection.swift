/// What encrypts and decrypts the traffic of an established session. It lies behind the codec of the carriage, if that has one:
/// both sides of it are ZMTP 3 frames.
package struct Protection: Sendable {
    // One of both. Not an enum: what lies in one is copied for each change. GSSAPI's is an object, and takes no room where it is not.
    private var curve: CurveDecoder?
    private var gssapi: GSSAPIDecoder?
    private var encoder: ProtectionEncoder?

    init(_ traffic: ProtectedTraffic, limits: FrameScanner.Limits) {
        switch traffic {
        case .curve(let traffic): curve = CurveDecoder(traffic, limits: limits)
        case .gssapi(let context): gssapi = GSSAPIDecoder(context, limits: limits)
        }
        encoder = ProtectionEncoder(traffic)
    }

    /// Why nothing is decrypted any more; the session ends when what came before has been read.
    var violation: FrameViolation? { curve?.violation ?? gssapi?.violation }

    var isInsideFrame: Bool { curve?.isInsideFrame ?? gssapi?.isInsideFrame ?? false }

    /// The room that `decode` needs for these octets.
    package func byteCount(decoding octets: UnsafeRawBufferPointer) -> Int {
        curve?.byteCount(decoding: octets) ?? gssapi?.byteCount(decoding: octets) ?? 0
    }

    /// Decrypts what has arrived; gives where in `frames` the frames end, which begin after `headroomByteCount`.
    package mutating func decode(
        _ octets: UnsafeRawBufferPointer,
        into frames: UnsafeMutableRawBufferPointer
    ) -> Int {
        if let end = curve?.decode(octets, into: frames) { return end }
        return gssapi?.decode(octets, into: frames) ?? 0
    }

    package static let headroomByteCount = CurveDecoder.headroomByteCount

    /// What encrypts all that leaves; there is one.
    package mutating func takeEncoder() -> ProtectionEncoder? {
        defer { encoder = nil }
        return encoder
    }
}

/// The half of a `Protection` that is the outbox's.
package struct ProtectionEncoder: Sendable {
    private var curve: CurveEncoder?
    private var gssapi: GSSAPIEncoder?

    init(_ traffic: ProtectedTraffic) {
        switch traffic {
        case .curve(let traffic): curve = CurveEncoder(traffic)
        case .gssapi(let context): gssapi = GSSAPIEncoder(context)
        }
    }

    /// The room that `encode` needs for these whole frames.
    package func byteCount(encoding frames: UnsafeRawBufferPointer) -> Int {
        curve?.byteCount(encoding: frames) ?? gssapi?.byteCount(encoding: frames) ?? 0
    }

    /// Encrypts whole frames into `octets`; gives how many octets it wrote.
    package mutating func encode(
        _ frames: UnsafeRawBufferPointer,
        into octets: UnsafeMutableRawBufferPointer
    ) -> Int {
        if let count = curve?.encode(frames, into: octets) { return count }
        return gssapi?.encode(frames, into: octets) ?? 0
    }
}
