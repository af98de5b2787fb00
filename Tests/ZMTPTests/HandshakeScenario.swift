import Testing
import Wire

@testable import ZMTP

/// A handshake written down: what the peer sends, and what then has to happen.
///
///     peer greeting 3.1 NULL         a greeting (64 octets)
///     peer ready Socket-Type=PUB     a READY with these properties
///     peer hex 04 05 …               octets as `octets(_:)` reads them
struct HandshakeScenario: Sendable, CustomTestStringConvertible {
    enum Delivery: CaseIterable {
        case pieceByPiece, atOnce, octetByOctet
    }

    var name: String
    var local = LocalPeer(socketType: .sub)
    var script: String
    var transcript: String

    var testDescription: String { name }

    /// What happens when the script's octets arrive in this way, a line per event.
    func run(_ delivery: Delivery) -> String {
        var handshake = Handshake(local: local)
        _ = handshake.start()
        // How a greeting is cut depends on the delivery, and is another test's concern.
        var unsent = Greeting(mechanism: "NULL").encoded.dropFirst(Greeting.signatureByteCount)
        var lines: [String] = []
        var rest: [UInt8] = []
        for piece in pieces(delivery) {
            var offset = 0
            while offset < piece.count, !handshake.isDone {
                var step = piece.withUnsafeBytes { handshake.handle($0, from: &offset) }
                while let octet = unsent.first, octet == step.reply.first {
                    step.reply.removeFirst()
                    unsent.removeFirst()
                }
                lines += Self.lines(step)
            }
            rest += piece[offset...]
        }
        if !handshake.isDone {
            lines.append("waits")
        } else if lines.last?.hasPrefix("establish") == true {
            lines.append("left \(hex(rest))")
        }
        return lines.joined(separator: "\n")
    }

    private func pieces(_ delivery: Delivery) -> [[UInt8]] {
        let pieces = script.split(separator: "\n").map(Self.octetsOf)
        return switch delivery {
        case .pieceByPiece: pieces
        case .atOnce: [Array(pieces.joined())]
        case .octetByOctet: pieces.joined().map { [$0] }
        }
    }

    private static func octetsOf(_ line: Substring) -> [UInt8] {
        let words = line.split(separator: " ")
        switch words[1] {
        case "greeting":
            let version = words[2].split(separator: ".").compactMap { UInt8($0) }
            return Greeting(major: version[0], minor: version[1], mechanism: String(words[3]))
                .encoded
        case "ready":
            var metadata = Metadata()
            for word in words.dropFirst(2) {
                let parts = word.split(separator: "=", omittingEmptySubsequences: false)
                metadata.append(String(parts[0]), parts[1].utf8)
            }
            return Command.readyFrame(metadata)
        case "hex":
            return octets(words.dropFirst(2).joined(separator: " "))
        default:
            preconditionFailure("a scenario has no verb \(words[1])")
        }
    }

    private static func lines(_ step: HandshakeStep) -> [String] {
        var lines: [String] = []
        switch step.next {
        case .failed(let failure):
            return ["fail: \(failure)" + (step.reply.isEmpty ? "" : "; tells the peer")]
        case .awaitOctets: break
        case .awaitVerdict(let request): lines.append("asks \(request.mechanism)")
        case .awaitContext: lines.append("asks its context")
        case .established(let peer):
            let properties = peer.metadata.properties.map(\.name).joined(separator: ",")
            lines.append(
                "establish \(peer.socketType.rawValue) minor \(peer.minorVersion)"
                    + " as \(peer.subscriptionForm) id [\(hex(peer.routingID))] from \(properties)"
            )
        }
        if !step.reply.isEmpty { lines.insert("send \(hex(step.reply.prefix(8))) …", at: 0) }
        return lines
    }
}

extension Handshake {
    /// One of NULL, in which time has no part.
    init(local: LocalPeer) {
        self.init(options: SessionOptions(local: local))
    }

    mutating func handle(
        _ bytes: UnsafeRawBufferPointer,
        from offset: inout Int
    ) -> HandshakeStep {
        handle(bytes, from: &offset, at: Instant(nanoseconds: 0))
    }
}
