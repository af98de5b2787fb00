import Simulation
import Testing

@testable import ZMTP

/// RFC 27.
struct ZAPTests {
    static func request() -> ZAPRequest {
        var question = AuthenticationRequest(
            mechanism: "PLAIN",
            credentials: [Array("admin".utf8), Array("secret".utf8)]
        )
        question.domain = "test"
        question.routingID = Array("BOB".utf8)
        return ZAPRequest(
            requestID: Array("0001".utf8),
            address: "192.168.55.1",
            question: question
        )
    }

    @Test func `the specification's request`() throws {
        let frames = Self.request().frames
        #expect(
            frames.map { String(decoding: $0, as: UTF8.self) } == [
                "1.0", "0001", "test", "192.168.55.1", "BOB", "PLAIN", "admin", "secret",
            ]
        )
        #expect(try ZAPRequest(frames: frames) == Self.request())
    }

    @Test func `the specification's reply`() throws {
        let reply = ZAPReply(
            requestID: Array("0001".utf8),
            verdict: .admitted(userID: "joe"),
            text: "OK"
        )
        #expect(
            reply.frames.map { String(decoding: $0, as: UTF8.self) } == [
                "1.0", "0001", "200", "OK", "joe", "",
            ]
        )
        #expect(try ZAPReply(frames: reply.frames) == reply)
    }

    @Test func `every verdict goes there and back`() throws {
        var metadata = Metadata()
        metadata.append("X-Group", "ops".utf8)
        for verdict in [
            AuthenticationVerdict.admitted(Admission(userID: nil, metadata: metadata)),
            .admitted(userID: "a"), .tryLater, .denied, .failed,
        ] {
            let reply = ZAPReply(requestID: [0, 255], verdict: verdict)
            #expect(try ZAPReply(frames: reply.frames) == reply)
        }
    }

    @Test(arguments: [
        (["1.1", "1", "200", "", "", ""], ZAPError.version("1.1")),
        ([], .frameCount(0)),
        (["1.0", "1", "200", "", ""], .frameCount(5)),
        (["1.0", "1", "200", "", "", "", ""], .frameCount(7)),
        (["1.0", "1", "201", "", "", ""], .field("status code")),
        (["1.0", "1", "200", "", "", "\u{1}"], .field("metadata")),
        (["1.0", "1", "200", "", String(repeating: "u", count: 256), ""], .field("user id")),
    ])
    func `a malformed reply is refused`(frames: [String], error: ZAPError) {
        #expect(throws: error) { try ZAPReply(frames: frames.map { Array($0.utf8) }) }
    }

    @Test(arguments: UInt64(0)..<20)
    func `no message traps the decoders`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            var frames =
                Bool.random(using: &generator)
                ? Self.request().frames : ZAPReply(requestID: [1], verdict: .denied).frames
            let place = Int.random(in: 0..<frames.count, using: &generator)
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: frames.remove(at: place)
            case 1: frames[place] = generator.octets(Int.random(in: 0...300, using: &generator))
            default: frames.insert(generator.octets(3), at: place)
            }
            if let request = try? ZAPRequest(frames: frames) { #expect(request.frames == frames) }
            if let reply = try? ZAPReply(frames: frames), case .admitted = reply.verdict {
                #expect(reply.frames == frames)
            }
        }
    }
}
