/// What encrypts and decrypts the traffic of an established session. It lies behind the codec of the carriage, if that has one:
/// both sides of it are ZMTP 3 frames.
package struct Protection: Sendable {
    private var decoder: CurveDecoder
    private var encoder: CurveEncoder?

    init(_ traffic: CurveTraffic, limits: FrameScanner.Limits) {
        decoder = CurveDecoder(traffic, limits: limits)
        encoder = CurveEncoder(traffic)
    }

    /// Why nothing is decrypted any more; the session ends when what came before has been read.
    var violation: FrameViolation? { decoder.violation }

    var isInsideFrame: Bool { decoder.isInsideFrame }

    /// The room that `decode` needs for these octets.
    package func byteCount(decoding octets: UnsafeRawBufferPointer) -> Int {
        decoder.byteCount(decoding: octets)
    }

    /// Decrypts what has arrived; gives where in `frames` the frames end, which begin after `headroomByteCount`.
    package mutating func decode(
        _ octets: UnsafeRawBufferPointer,
        into frames: UnsafeMutableRawBufferPointer
    ) -> Int {
        decoder.decode(octets, into: frames)
    }

    package static let headroomByteCount = CurveDecoder.headroomByteCount

    /// What encrypts all that leaves; there is one.
    package mutating func takeEncoder() -> CurveEncoder? {
        defer { encoder = nil }
        return encoder
    }
}
