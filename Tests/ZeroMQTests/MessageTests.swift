import Testing
import ZeroMQ

/// Messages and frames as a program makes and reads them. What a peer sends is never a programming error.
@Suite struct MessageTests {
    @Test func `a frame that is not there reads as an empty one`() {
        let message: Message = ["weather.oslo"]
        #expect(message[0].text == "weather.oslo")
        #expect(message[1] == Frame(""))
        #expect(message[1].text.isEmpty)
        #expect(message[-1].count == 0)
        #expect(message[.max].count == 0)
    }

    @Test func `an absent frame can be told from an empty one`() {
        let message: Message = ["a", ""]
        #expect(message.frame(at: 1) == Frame(""))
        #expect(message.frame(at: 2) == nil)
        #expect(message.frame(at: -1) == nil)
    }

    @Test func `checked access says what the message has`() throws {
        let message: Message = ["a", "b"]
        #expect(try message[checked: 1].text == "b")
        let error = #expect(throws: ZeroMQError.self) { try message[checked: 2] }
        #expect(error?.code == .missingFrame)
        #expect(error?.message == "the message has no frame 2: it has 2 frames, counted from 0")
    }

    @Test func `a message of no frames is one empty frame`() {
        let none: [Frame] = []
        #expect(Message(none).frames == [Frame("")])
        let literal: Message = []
        #expect(literal.count == 1)
    }

    @Test func `literals with values in them are messages and frames`() {
        let number = 7
        let one: Message = "w.\(number)"
        let two: Message = ["w.\(number)", "x"]
        #expect(one[0].text == "w.7")
        #expect(two.frames.map(\.text) == ["w.7", "x"])
    }

    @Test func `a message is shown as people read it`() {
        let message = Message([Frame("weather.oslo"), Frame([0xFF, 0x01]), Frame("-4 °C")])
        #expect("\(message)" == "[weather.oslo, 0xff01, -4 °C]")
        #expect("\(Frame("a\nb"))" == "0x610a62")
        let long = Frame(String(repeating: "x", count: 100))
        #expect("\(long)" == String(repeating: "x", count: 64) + "… (100 octets)")
    }
}
