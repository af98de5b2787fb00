import Patterns
import Testing

@Suite struct RequestTableTests {
    @Test func `a reply goes to who asked, whatever the order`() {
        var table = RequestTable<String>(firstNumber: .max)
        let numbers = ["a", "b"].map { waiter in
            let number = table.makeNumber()
            table.begin(number, waiter)
            return number
        }
        #expect(numbers == [.max, 0])
        #expect(numbers.map { table.handleSend($0, to: 5) } == [true, true])
        // Of another peer, or of nobody who is known.
        #expect([table.handleReply(0, from: 6), table.handleReply(9, from: 5)] == [nil, nil])
        #expect([table.handleReply(0, from: 5), table.handleReply(.max, from: 5)] == ["b", "a"])
        #expect(table.isEmpty)
    }

    @Test func `what is abandoned while it is queued is not waited for`() {
        var table = RequestTable<String>(firstNumber: 1)
        table.begin(table.makeNumber(), "a")
        #expect([table.abandon(1), table.abandon(1)] == ["a", nil])
        #expect([table.handleSend(1, to: 5)] == [false])
        #expect([table.handleReply(1, from: 5)] == [nil])
    }

    @Test func `the loss of a peer is told to those who asked it`() {
        var table = RequestTable<String>(firstNumber: 1)
        for waiter in ["a", "b", "c"] { table.begin(table.makeNumber(), waiter) }
        #expect((1...2).map { table.handleSend($0, to: 5) } == [true, true])
        #expect([table.handleLoss(of: 5), table.handleLoss(of: 5)] == [["a", "b"], []])
        #expect([table.removeAll(), table.removeAll()] == [["c"], []])
    }
}
