import Rendering
import Wire
import ZMTP

/// Reads what one side of a connection begins with.
///
/// Which framing follows depends on what the other side begins with, too (RFC 23 "Version negotiation").
enum GreetingReader {
    /// What a side's first octets say of its version.
    enum Beginning: Equatable {
        case unknown
        /// ZMTP 1.0 without a signature.
        case unversioned
        case signature
        case revision(UInt8)
    }

    enum Outcome {
        /// More octets are needed, of this side or of the other.
        case undecided
        case foreign(complaint: String?)
        case greeting(Facts)
    }

    /// What the greeting says, and what follows it.
    struct Facts {
        var version: String
        var format: ZMTPSearch.Format
        /// Where the first frame begins.
        var byteCount: Int
        var mechanism: String?
        var isMechanismServer = false
        var socketType: String?
        var identity: String?
        /// The first frame is the identity.
        var isIdentityNext = false
    }

    static func read(_ octets: [UInt8], _ beginning: Beginning, peer: Beginning) -> Outcome {
        switch beginning {
        case .unknown: .undecided
        case .unversioned: unversioned(octets, peer: peer)
        case .signature: peer == .unversioned ? downgraded(octets) : .undecided
        case .revision(let own): versioned(octets, own, peer: peer)
        }
    }

    private static func versioned(
        _ octets: [UInt8],
        _ own: UInt8,
        peer: Beginning
    ) -> Outcome {
        let others: UInt8
        switch peer {
        case .unversioned: return downgraded(octets)
        case .revision(let revision): others = revision
        case .unknown, .signature:
            // The other side is not captured, or has not spoken: a whole greeting of 3.x speaks for itself.
            guard own < 3 || octets.count >= Greeting.byteCount else { return .undecided }
            others = own
        }
        let effective = min(own, others)
        guard effective < 3 else { return revision3(octets) }
        guard octets.count >= 12 else { return .undecided }
        return .greeting(
            Facts(
                version: effective == 0 ? "1.0" : "2.0",
                format: effective == 0 ? .v1 : .v2,
                byteCount: 12,
                socketType: SocketType(revision2Number: octets[11])?.rawValue,
                isIdentityNext: true
            )
        )
    }

    private static func revision3(_ octets: [UInt8]) -> Outcome {
        guard octets.count >= Greeting.byteCount else { return .undecided }
        let mechanism = octets[12..<32].prefix { $0 != 0 }
        guard !mechanism.isEmpty, mechanism.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            return .foreign(complaint: "the greeting is malformed: it names no mechanism")
        }
        return .greeting(
            Facts(
                version: "\(octets[10]).\(octets[11])",
                format: .v2,
                byteCount: Greeting.byteCount,
                mechanism: String(decoding: mechanism, as: UTF8.self),
                isMechanismServer: octets[32] == 1
            )
        )
    }

    /// The peer is of version 1.0 without a signature: to it our signature is the head of our identity frame.
    private static func downgraded(_ octets: [UInt8]) -> Outcome {
        guard octets.count >= 10 else { return .undecided }
        let length = octets.withUnsafeBytes { BigEndian.loadUInt64($0, at: 1) }
        guard length >= 1, length <= 256 else { return .foreign(complaint: nil) }
        let end = 10 + Int(length) - 1
        guard octets.count >= end else { return .undecided }
        return .greeting(
            Facts(
                version: "1.0",
                format: .v1,
                byteCount: end,
                identity: end > 10 ? PrintableText.text(octets[10..<end]) : nil
            )
        )
    }

    /// Without a signature anything may be ZMTP 1.0, so what is there must look like it.
    private static func unversioned(_ octets: [UInt8], peer: Beginning) -> Outcome {
        guard let chain = octets.withUnsafeBytes({ ZMTPSearch.oldChain($0) }) else {
            return .foreign(complaint: nil)
        }
        let isCertain =
            switch peer {
            case .signature, .revision: true
            case .unversioned: chain.frameCount >= 2
            case .unknown: chain.frameCount >= 6
            }
        guard isCertain else { return .undecided }
        return .greeting(
            Facts(version: "1.0", format: .v1, byteCount: 0, isIdentityNext: true)
        )
    }
}

extension GreetingReader.Beginning {
    init(of octets: [UInt8]) {
        guard let first = octets.first else {
            self = .unknown
            return
        }
        guard first == 0xFF else {
            self = .unversioned
            return
        }
        guard octets.count >= 10 else {
            self = .unknown
            return
        }
        // An even octet here is the flags of a long identity frame of ZMTP 1.0.
        guard octets[9] & 1 == 1 else {
            self = .unversioned
            return
        }
        self = octets.count >= 11 ? .revision(octets[10]) : .signature
    }

    /// Once it has been read. The version is empty when it was not captured.
    init(ofVersion version: String) {
        switch version {
        case "": self = .unknown
        case "1.0": self = .unversioned
        case "2.0": self = .revision(1)
        default: self = .revision(3)
        }
    }
}
