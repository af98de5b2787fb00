import NIOCore
import Simulation
import Testing
import Transports

@testable import DataPlane

/// A mailbox that keeps the newest message of each peer.
@Suite struct ConflationTests {
    @Test(arguments: 0..<20 as Range<UInt64>)
    func `the newest of each peer is there, and nothing else`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let mailbox = Mailbox(
            limit: QueueLimit(messageCount: 2, byteCount: 10_000),
            conflates: true
        )
        var newest: [UInt64: Int] = [:]
        var number = 0
        for step in 0..<300 {
            if Int.random(in: 0..<4, using: &generator) == 0 {
                guard case .message(let message, let peer)? = mailbox.tryTakeItem() else {
                    #expect(newest.isEmpty, "seed \(seed), step \(step)")
                    continue
                }
                let expected = newest.removeValue(forKey: peer.rawValue)
                #expect(Encoded.number(message) == expected, "seed \(seed), step \(step)")
            } else {
                let peer = UInt64.random(in: 1...3, using: &generator)
                let messages = (0..<Int.random(in: 1...4, using: &generator)).map {
                    Encoded.message(
                        number: number + $0,
                        byteCount: [8, 6_000].randomElement(using: &generator) ?? 8
                    )
                }
                number += messages.count
                newest[peer] = number - 1
                let size = messages.reduce(0) { $0 + $1.readableBytes }
                // Nobody is asked to pause.
                let goesOn = mailbox.append(
                    Encoded.slice(messages, ofReadOf: max(size, 32 << 10)),
                    messageCount: messages.count,
                    from: PeerID(rawValue: peer)
                )
                #expect(goesOn)
            }
            #expect(mailbox.isReadable == !newest.isEmpty, "seed \(seed), step \(step)")
        }
        while mailbox.tryTakeItem() != nil {}
        #expect(mailbox.slackByteCount == 0)
    }
}

/// RFC 29: what travels upstream, of one frame and of several.
@Suite struct UpstreamMessageTests {
    private struct Found: Equatable {
        var subscriptions: [String] = []
        var messages: [[UInt8]] = []
    }

    private static func read(_ octets: [UInt8], readsEveryFrame: Bool) -> Found {
        var found = Found()
        ByteBuffer(bytes: octets).forEachUpstreamMessage(readsEveryFrame: readsEveryFrame) {
            topic,
            isSubscribe in
            found.subscriptions.append("\(isSubscribe ? "+" : "-")\(Array(topic))")
        } onMessage: { message in
            found.messages.append(Array(message.readableBytesView))
        }
        return found
    }

    /// Two messages of one frame, then one of four: octets, a subscription, octets, a cancellation.
    private static let octets: [UInt8] = [
        0, 2, 1, 65, 0, 1, 9, 1, 1, 7, 1, 2, 1, 66, 1, 1, 8, 0, 2, 0, 67,
    ]

    @Test func `the first frame says what all of a message is`() {
        #expect(
            Self.read(Self.octets, readsEveryFrame: false)
                == Found(
                    subscriptions: ["+[65]"],
                    messages: [[0, 1, 9], [1, 1, 7, 1, 2, 1, 66, 1, 1, 8, 0, 2, 0, 67]]
                )
        )
    }

    /// libzmq, `ZMQ_ONLY_FIRST_SUBSCRIBE` 0.
    @Test func `every frame may be a subscription, the others are the message`() {
        #expect(
            Self.read(Self.octets, readsEveryFrame: true)
                == Found(
                    subscriptions: ["+[65]", "+[66]", "-[67]"],
                    messages: [[0, 1, 9], [1, 1, 7, 0, 1, 8]]
                )
        )
        let onlySubscriptions: [UInt8] = [1, 2, 1, 65, 0, 2, 1, 66]
        #expect(Self.read(onlySubscriptions, readsEveryFrame: true).messages.isEmpty)
    }
}
