import Simulation
import Testing

@testable import Patterns

@Suite struct AddressBookTests {
    private func slot(_ book: AddressBook, _ identity: [UInt8]) -> Int? {
        var book = book
        return identity.withUnsafeBytes { book.slot(of: $0) }
    }

    /// RFC 28, "ROUTER": "SHALL allow the peer to specify its identity explicitly".
    @Test func `a peer is found by what it announced`() {
        var book = AddressBook(naming: .announced, firstNumber: 1)
        #expect(book.admit(slot: 0, announced: [65]) == .admitted)
        #expect(book.admit(slot: 3, announced: [65, 66]) == .admitted)
        #expect(slot(book, [65]) == 0)
        #expect(slot(book, [65, 66]) == 3)
        #expect(slot(book, [66]) == nil)
        book.remove(slot: 0)
        #expect(slot(book, [65]) == nil)
        #expect(slot(book, [65, 66]) == 3)
    }

    /// RFC 28, "ROUTER": one that announces nothing gets a unique identity; it begins with a zero octet, which announced ones must not.
    @Test func `a peer that says nothing gets an identity of five octets`() {
        var book = AddressBook(naming: .announced, firstNumber: 0xFFFF_FFFF)
        #expect(book.admit(slot: 0) == .admitted)
        #expect(book.identity(ofSlot: 0) == [0, 255, 255, 255, 255])
        // Zero is nobody's number.
        #expect(book.admit(slot: 1) == .admitted)
        #expect(book.identity(ofSlot: 1) == [0, 0, 0, 0, 1])
        #expect(book.admit(slot: 2, announced: [0, 1, 2]) == .unusable)
    }

    /// RFC 41, "SERVER": routing ids are numbers of 32 bits, whatever peers say.
    @Test func `numbers are made whatever is announced`() {
        var book = AddressBook(naming: .numbered, firstNumber: 7)
        #expect(book.admit(slot: 0, announced: [65]) == .admitted)
        #expect(book.identity(ofSlot: 0) == [0, 0, 0, 7])
        #expect(book.admit(slot: 1, announced: [65]) == .admitted)
        #expect(slot(book, [0, 0, 0, 8]) == 1)
    }

    @Test func `of two with one identity the second is refused, or replaces the first`() {
        var strict = AddressBook(naming: .announced, firstNumber: 1)
        #expect(strict.admit(slot: 0, announced: [65]) == .admitted)
        #expect(strict.admit(slot: 1, announced: [65]) == .taken)
        #expect(slot(strict, [65]) == 0)
        var handover = AddressBook(naming: .announced, allowsHandover: true, firstNumber: 1)
        #expect(handover.admit(slot: 0, announced: [65]) == .admitted)
        #expect(handover.admit(slot: 1, announced: [65]) == .replaced(slot: 0))
        #expect(slot(handover, [65]) == 1)
        // The end of the first does not take the name from the second.
        handover.remove(slot: 0)
        #expect(slot(handover, [65]) == 1)
    }

    @Test func `a given name goes before an announced one`() {
        var book = AddressBook(naming: .announced, firstNumber: 1)
        #expect(book.admit(slot: 0, announced: [65], given: [0, 9]) == .admitted)
        #expect(slot(book, [0, 9]) == 0)
        #expect(slot(book, [65]) == nil)
        #expect(book.admit(slot: 1, announced: [UInt8](repeating: 1, count: 255)) == .admitted)
        #expect(book.admit(slot: 2, announced: [UInt8](repeating: 1, count: 256)) == .unusable)
    }

    /// Beside a dictionary, with identities that are prefixes of each other and many removals.
    @Test(arguments: 0..<30 as Range<UInt64>)
    func `identities come and go as in a dictionary`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var table = IdentityTable()
        var expected: [[UInt8]: Int] = [:]
        for step in 0..<1_500 {
            let length = Int.random(in: 1...3, using: &generator)
            let identity = (0..<length).map { _ in UInt8.random(in: 0..<8, using: &generator) }
            if expected[identity] != nil, Bool.random(using: &generator) {
                table.remove(identity)
                expected[identity] = nil
            } else if expected[identity] == nil {
                table.insert(identity, slot: step)
                expected[identity] = step
            }
            #expect(table.count == expected.count)
            let probe = (0..<length).map { _ in UInt8.random(in: 0..<8, using: &generator) }
            let found = probe.withUnsafeBytes { table.slot(of: $0) }
            #expect(found == expected[probe], "seed \(seed), step \(step)")
        }
        for (identity, slot) in expected {
            let found = identity.withUnsafeBytes { table.slot(of: $0) }
            #expect(found == slot)
        }
    }
}

/// RFC 51, "PEER": the routing id of a peer that is dialled is known before the peer is.
@Suite struct ReservedNumberTests {
    @Test func `a number that is reserved becomes nobody else's`() {
        var book = AddressBook(naming: .numbered, firstNumber: 9)
        let reserved = book.reserve()
        #expect(reserved == [0, 0, 0, 9])
        #expect(book.isReserved(reserved))
        #expect(book.admit(slot: 0) == .admitted)
        #expect(book.identity(ofSlot: 0) == [0, 0, 0, 10])
        // The peer comes, goes, and comes back.
        for slot in [1, 2] {
            #expect(book.admit(slot: slot, given: reserved) == .admitted)
            #expect(book.identity(ofSlot: slot) == reserved)
            book.remove(slot: slot)
        }
        book.release(reserved)
        #expect(!book.isReserved(reserved))
        // One that is there keeps what it has.
        #expect(book.reserve(book.identity(ofSlot: 0)) == [0, 0, 0, 10])
        #expect(book.isReserved([0, 0, 0, 10]))
    }
}
