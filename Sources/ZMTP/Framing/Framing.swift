/// How frames lie on the wire: one codec for each direction. Everything behind it speaks ZMTP 3 frames.
///
///     wire ── Ingress ──▶ frames ── FrameScanner ──▶ runs, commands
///     wire ◀── Egress ── frames ◀── Outbox
///
/// A codec is asked once for a read or a write, never for a frame. PGM's framing has the same shape.
public struct Framing: Sendable {
    public var ingress: Ingress
    public var egress: Egress

    public init(ingress: Ingress, egress: Egress) {
        self.ingress = ingress
        self.egress = egress
    }

    /// ZMTP 3 in the clear, and ZMTP 2.0, whose frames are the same.
    public static let v3 = Framing(ingress: .v3, egress: .v3)

    /// ZMTP 1.0.
    public static var v1: Framing {
        Framing(ingress: .rewritten(V1Decoder()), egress: .rewritten(V1Encoder()))
    }
}

/// What arrives becomes ZMTP 3 frames.
public enum Ingress: Sendable {
    /// It holds them already: what is delivered is slices of what was read.
    case v3
    /// They are written into storage of the caller's.
    case rewritten(any FrameDecoder)

    public var isInPlace: Bool {
        if case .v3 = self { true } else { false }
    }

    func byteCountMax(decoding octetCount: Int) -> Int {
        switch self {
        case .v3: octetCount
        case .rewritten(let decoder): decoder.byteCountMax(decoding: octetCount)
        }
    }

    mutating func decode(
        _ octets: UnsafeRawBufferPointer,
        into frames: UnsafeMutableRawBufferPointer
    ) throws(FrameViolation) -> Int {
        guard case .rewritten(var decoder) = self else {
            frames.copyMemory(from: octets)
            return octets.count
        }
        // Taken out, so that what it holds is not copied.
        self = .v3
        let byteCount = try decoder.decode(octets, into: frames)
        self = .rewritten(decoder)
        return byteCount
    }
}

/// ZMTP 3 frames become what leaves.
public enum Egress: Sendable {
    /// They leave as they are.
    case v3
    /// They are written anew into storage of the caller's.
    case rewritten(any FrameEncoder)
}

/// A codec that turns what arrives into ZMTP 3 frames. It keeps what is not complete yet.
public protocol FrameDecoder: Sendable {
    /// The most octets of frames that `octetCount` further octets can give.
    func byteCountMax(decoding octetCount: Int) -> Int
    /// Takes all octets; gives how many octets of frames it wrote.
    mutating func decode(
        _ octets: UnsafeRawBufferPointer,
        into frames: UnsafeMutableRawBufferPointer
    ) throws(FrameViolation) -> Int
}

/// A codec that turns ZMTP 3 frames into what leaves.
public protocol FrameEncoder: Sendable {
    /// The most octets that `frameByteCount` octets of whole frames can become.
    func byteCountMax(encoding frameByteCount: Int) -> Int
    /// Takes whole frames; gives how many octets it wrote.
    mutating func encode(
        _ frames: UnsafeRawBufferPointer,
        into octets: UnsafeMutableRawBufferPointer
    ) -> Int
}
