import Patterns
import Testing

@Suite struct RequestTableTests {
    private static func waiter(_ reply: RequestTable<String>.Reply) -> String {
        switch reply {
        case .expected(let waiter): waiter
        case .abandoned: "abandoned"
        case .unknown: "unknown"
        }
    }

    @Test func `a reply goes to who asked, whatever the order`() {
        var table = RequestTable<String>(firstNumber: .max)
        let numbers = ["a", "b"].map { waiter in
            let number = table.makeNumber()
            table.begin(number, waiter)
            return number
        }
        #expect(numbers == [.max, 0])
        #expect(numbers.map { table.handleSend($0, to: 5) } == [.send, .send])
        // Of another peer, of nobody who is known, then the replies, and one of them again.
        let replies: [(UInt32, UInt64)] = [(0, 6), (9, 5), (0, 5), (.max, 5), (0, 5)]
        let waiters = replies.map { Self.waiter(table.handleReply($0.0, from: $0.1)) }
        #expect(waiters == ["unknown", "unknown", "b", "a", "unknown"])
        #expect(table.isEmpty)
    }

    @Test func `what is abandoned is not sent, or its reply thrown away`() {
        var table = RequestTable<String>(firstNumber: 1)
        table.begin(table.makeNumber(), "a")
        #expect([table.abandon(1), table.abandon(1)] == ["a", nil])
        #expect([table.handleSend(1, to: 5), table.handleSend(1, to: 5)] == [.drop, .send])
        #expect(Self.waiter(table.handleReply(1, from: 5)) == "unknown")
        table.begin(table.makeNumber(), "b")
        #expect([table.handleSend(2, to: 5)] == [.send])
        #expect([table.abandon(2)] == ["b"])
        let waiters = (0..<2).map { _ in Self.waiter(table.handleReply(2, from: 5)) }
        #expect(waiters == ["abandoned", "unknown"])
    }

    @Test func `the loss of a peer is told to those who asked it`() {
        var table = RequestTable<String>(firstNumber: 1)
        for waiter in ["a", "b", "c", "d"] { table.begin(table.makeNumber(), waiter) }
        #expect((1...3).map { table.handleSend($0, to: 5) } == [.send, .send, .send])
        #expect([table.abandon(2)] == ["b"])
        #expect([table.handleLoss(of: 5), table.handleLoss(of: 5)] == [["a", "c"], []])
        #expect([table.removeAll(), table.removeAll()] == [["d"], []])
    }
}
