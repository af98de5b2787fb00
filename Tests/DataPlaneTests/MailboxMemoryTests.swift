import NIOCore
import Testing
import Transports

@testable import DataPlane

/// What a mailbox keeps alive when nobody takes anything: slices of large reads, as a filter cuts them out.
@Suite struct MailboxMemoryTests {
    private static let readByteCount = 64 << 10

    private static func takeAll(_ mailbox: Mailbox) -> [(Int, PeerID)] {
        take(mailbox).map { (Encoded.number($0.0) ?? -1, $0.1) }
    }

    private static func take(_ mailbox: Mailbox) -> [(ByteBuffer, PeerID)] {
        var taken: [(ByteBuffer, PeerID)] = []
        while case .message(let message, let peer)? = mailbox.tryTakeItem() {
            taken.append((message, peer))
        }
        return taken
    }

    @Test(arguments: [1, 2, 5])
    func `small slices of large reads hold what the limit allows, whoever sent them`(
        peerCount: Int
    ) {
        let limit = QueueLimit(messageCount: .max, byteCount: 1 << 20)
        let mailbox = Mailbox(limit: limit)
        let count = 2_000
        for number in 0..<count {
            let message = Encoded.message(number: number, byteCount: 64)
            mailbox.append(
                Encoded.slice([message], ofReadOf: Self.readByteCount),
                messageCount: 1,
                from: PeerID(rawValue: UInt64(number % peerCount))
            )
        }
        let taken = Self.take(mailbox)
        #expect(taken.map { Encoded.number($0.0) } == (0..<count).map { $0 })
        #expect(taken.map(\.1.rawValue) == (0..<count).map { UInt64($0 % peerCount) })
        let held = HeldMemory(taken.map(\.0))
        #expect(held.byteCount <= 3 * limit.byteCount)
        // Copies of one peer lie together: no storage for each message.
        #expect(held.storageCount <= limit.byteCount / Self.readByteCount + 4 + peerCount)
    }

    @Test func `the first slice of a storage counts`() {
        let mailbox = Mailbox(limit: QueueLimit(messageCount: .max, byteCount: 32 << 10))
        let slice = Encoded.slice([Encoded.message(number: 1)], ofReadOf: Self.readByteCount)
        mailbox.append(slice, messageCount: 1, from: .none)
        #expect(HeldMemory(Self.take(mailbox).map(\.0)).byteCount < Self.readByteCount)
    }

    @Test func `slices are shared while they hold little`() {
        let mailbox = Mailbox(limit: QueueLimit())
        let slice = Encoded.slice([Encoded.message(number: 1)], ofReadOf: Self.readByteCount)
        mailbox.append(slice, messageCount: 1, from: .none)
        let taken = Self.take(mailbox).map(\.0)
        #expect(HeldMemory(taken + [slice]).storageCount == 1)
    }

    @Test func `an empty mailbox owes nothing`() {
        let mailbox = Mailbox(limit: QueueLimit(messageCount: .max, byteCount: 1 << 20))
        for number in 0..<200 {
            let message = Encoded.message(number: number)
            mailbox.append(
                Encoded.slice([message], ofReadOf: Self.readByteCount),
                messageCount: 1,
                from: .none
            )
            if number % 50 == 49 {
                #expect(Self.takeAll(mailbox).count == 50)
                #expect(mailbox.slackByteCount == 0)
            }
        }
    }
}
