import Simulation
import Testing
import Wire

@testable import ZMTP

/// RFC 6455 §5 "Data Framing", RFC 45 "Framing".
struct WebSocketCodecTests {
    struct Decoded: Equatable {
        var frames: [UInt8] = []
        var controls: [WebSocketDecoder.Control] = []
    }

    static func decode(
        _ pieces: [[UInt8]],
        isServer: Bool = false,
        messageByteCountMax: Int = .max
    ) throws -> Decoded {
        var decoder = WebSocketDecoder(
            isServer: isServer,
            messageByteCountMax: messageByteCountMax
        )
        var decoded = Decoded()
        for piece in pieces {
            var offset = 0
            while offset < piece.count {
                // Exactly as much room as was asked for: to write beyond it is a crash.
                let roomByteCount = decoder.byteCountMax(decoding: piece.count - offset)
                var room = [UInt8](repeating: 0, count: roomByteCount)
                var byteCount = 0
                let control = try room.withUnsafeMutableBytes { room in
                    try piece.withUnsafeBytes {
                        try decoder.next($0, from: &offset, into: room, at: &byteCount)
                    }
                }
                decoded.frames += room.prefix(byteCount)
                if let control { decoded.controls.append(control) }
            }
        }
        return decoded
    }

    static func encode(_ frames: [UInt8], by encoder: WebSocketEncoder) -> [UInt8] {
        var encoder = encoder
        let roomByteCount = frames.withUnsafeBytes { encoder.byteCount(encoding: $0) }
        var room = [UInt8](repeating: 0, count: roomByteCount)
        let byteCount = frames.withUnsafeBytes { frames in
            room.withUnsafeMutableBytes { encoder.encode(frames, into: $0) }
        }
        #expect(byteCount == roomByteCount)
        return room
    }

    /// A client whose keys are 01 02 03 04, 05 06 07 08 and so on, the last of a batch first.
    static var client: WebSocketEncoder {
        .client { room in
            for index in room.indices { room[index] = UInt8(truncatingIfNeeded: index + 1) }
        }
    }

    /// Frames of ZMTP 3, and a server's WebSocket messages.
    static let pairs: [(frames: String, messages: String)] = [
        ("00 00", "82 01 00"),
        ("00 01 41", "82 02 00 41"),
        ("01 01 41 00 00", "82 02 01 41 82 01 00"),
        ("04 03 02 \"OK\"", "82 04 02 02 \"OK\""),
        ("00 7C AA*124", "82 7D 00 AA*124"),
        ("00 7D AA*125", "82 7E 00 7E 00 AA*125"),
        ("00 FF AA*255", "82 7E 01 00 00 AA*255"),
        ("02 00*6 01 00 AA*256", "82 7E 01 01 00 AA*256"),
        ("02 00*6 FF FE AA*65534", "82 7E FF FF 00 AA*65534"),
        ("03 00*6 FF FF AA*65535 00 00", "82 7F 00*5 01 00 00 01 AA*65535 82 01 00"),
    ]

    @Test(arguments: pairs)
    func `a frame is a message`(_ pair: (frames: String, messages: String)) throws {
        let (frames, messages) = (octets(pair.frames), octets(pair.messages))
        #expect(Self.encode(frames, by: .server) == messages)
        #expect(try Self.decode([messages]).frames == frames)
        let masked = Self.encode(frames, by: Self.client)
        #expect(try Self.decode([masked], isServer: true).frames == frames)
    }

    @Test(arguments: [false, true])
    func `messages come out wherever their octets are cut`(isMasked: Bool) throws {
        let frames = Self.pairs.prefix(8).flatMap { octets($0.frames) }
        let messages = Self.encode(frames, by: isMasked ? Self.client : .server)
        for offset in 0...messages.count {
            let pieces = [Array(messages[..<offset]), Array(messages[offset...])]
            #expect(try Self.decode(pieces, isServer: isMasked).frames == frames)
        }
        let singles = messages.map { [$0] }
        #expect(try Self.decode(singles, isServer: isMasked).frames == frames)
    }

    @Test func `a client masks, and its keys differ`() {
        // RFC 6455 §5.7: "Hello" under 37 FA 21 3D.
        let mask = WebSocketEncoder.client { room in
            room.copyBytes(
                from: [[UInt8]](repeating: [0x3D, 0x21, 0xFA, 0x37], count: 64).joined()
            )
        }
        var ping = mask
        let body = octets("04 \"PING\" 00 00 \"Hello\"")
        #expect(
            Self.encode([4, UInt8(body.count)] + body, by: ping)
                == octets("89 85 37 FA 21 3D 7F 9F 4D 51 58")
        )
        #expect(ping.pongFrame(Array("Hello".utf8)) == octets("8A 85 37 FA 21 3D 7F 9F 4D 51 58"))
        let twice = Self.encode(octets("00 00 00 00"), by: Self.client)
        #expect(twice[2..<6] != twice[9..<13])
    }

    @Test func `fragments make one message, and control frames may stand between them`() throws {
        let message = octets("02 02 00 41 89 01 07 00 01 42 00 00 80 02 43 44 82 01 00")
        let expected = Decoded(frames: octets("00 04 41 42 43 44 00 00"), controls: [.ping([7])])
        #expect(try Self.decode([message]) == expected)
        for offset in 0...message.count {
            let pieces = [Array(message[..<offset]), Array(message[offset...])]
            #expect(try Self.decode(pieces) == expected)
        }
        // The first fragment may be empty: then the flags are in a later one.
        #expect(
            try Self.decode([octets("02 00 80 02 01 41 82 01 00")]).frames
                == octets("01 01 41 00 00")
        )
    }

    @Test func `PING and PONG are the WebSocket's own`() throws {
        let frames =
            octets("00 01 41") + Command.pingFrame(ttl: 9, context: [1, 2]) + octets("00 00")
        #expect(Self.encode(frames, by: .server) == octets("82 02 00 41 89 02 01 02 82 01 00"))
        #expect(Self.encode(Command.pingFrame(ttl: 0), by: .server) == octets("89 00"))
        #expect(
            [7].withUnsafeBytes { Self.encode(Command.pongFrame(context: $0), by: .server) }.first
                == 0x8A
        )
        // Other commands, whatever they begin with.
        let others = Command.frame("PIN", [1, 2, 3]) + Command.frame("PINGS", [0, 0])
        #expect(Self.encode(others, by: .server).prefix(3) == [0x82, 8, 2])
        #expect(
            try Self.decode([octets("8A 02 01 02 89 00")]).controls == [.pong([1, 2]), .ping([])]
        )
    }

    @Test func `a close has a code and a reason, or neither`() throws {
        var server = WebSocketEncoder.server
        #expect(server.closeFrame(code: 1000) == octets("88 02 03 E8"))
        #expect(server.closeFrame(code: nil) == octets("88 00"))
        #expect(
            server.closeFrame(code: 1009, reason: String(repeating: "x", count: 200)).count == 127
        )
        #expect(
            try Self.decode([octets("88 04 03 E9 \"ok\" 88 00 88 03 03 E9 0A")]).controls == [
                .close(code: 1001, reason: "ok"), .close(code: nil, reason: ""),
                .close(code: 1001, reason: "?"),
            ]
        )
    }

    @Test(arguments: [
        ("82 81 00 00 00 00 00", "malformed WebSocket: a server's frame is masked", 1002),
        ("C2 01 00", "malformed WebSocket: a frame has reserved bits or an unknown opcode", 1002),
        ("83 01 00", "malformed WebSocket: a frame has reserved bits or an unknown opcode", 1002),
        ("81 01 41", "a WebSocket message of text came; ZMTP's are binary", 1003),
        ("82 00", "a WebSocket message is empty; its first octet must be its flags", 1002),
        ("02 00 80 00", "a WebSocket message is empty; its first octet must be its flags", 1002),
        ("82 01 03", "malformed WebSocket: a message has the flags 3; 0, 1 and 2 exist", 1002),
        (
            "02 01 03 80 00", "malformed WebSocket: a message has the flags 3; 0, 1 and 2 exist",
            1002
        ),
        (
            "80 01 00",
            "malformed WebSocket: a message begins inside of another, or goes on without a beginning",
            1002
        ),
        (
            "02 01 00 82 01 00",
            "malformed WebSocket: a message begins inside of another, or goes on without a beginning",
            1002
        ),
        (
            "09 00", "malformed WebSocket: a control frame is in fragments, or has over 125 octets",
            1002
        ),
        (
            "89 7E 00 7E",
            "malformed WebSocket: a control frame is in fragments, or has over 125 octets", 1002
        ),
        ("88 01 03", "malformed WebSocket: a close has half a code", 1002),
        ("82 05 00 AA*4", "a WebSocket message is over the limit of 3 octets", 1009),
        ("82 7F FF*8", "a WebSocket message is over the limit of 3 octets", 1009),
        ("02 03 00 AA AA 80 02 AA AA", "a WebSocket message is over the limit of 3 octets", 1009),
    ])
    func `what breaks the rules is told apart, and has a code`(
        _ text: String,
        _ description: String,
        _ code: UInt16
    ) {
        let violation = #expect(throws: WebSocketViolation.self) {
            try Self.decode([octets(text)], messageByteCountMax: 3)
        }
        #expect(violation?.description == description)
        #expect(violation?.closeCode == code)
        #expect(throws: WebSocketViolation.self) {
            try Self.decode(octets(text).map { [$0] }, messageByteCountMax: 3)
        }
    }

    @Test func `a server takes masked frames only`() {
        #expect(throws: WebSocketViolation.malformed("a client's frame is not masked")) {
            try Self.decode([octets("82 01 00")], isServer: true)
        }
    }

    @Test(arguments: UInt64(0)..<200)
    func `whatever comes is decoded or refused`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var pieces: [[UInt8]] = []
        for _ in 0..<20 {
            let count = Int.random(in: 1...40, using: &generator)
            // Mostly headers that are almost right.
            let first =
                ([0x82, 0x02, 0x80, 0x00, 0x89, 0x88] as [UInt8]).randomElement(using: &generator)
                ?? 0
            let length = UInt8.random(in: 0...20, using: &generator)
            pieces.append(
                [first, length]
                    + (0..<count).map { _ in UInt8.random(in: 0...2, using: &generator) }
            )
        }
        _ = try? Self.decode(pieces)
    }
}

/// RFC 45 "Handshake", RFC 39 "Handshake".
struct WebSocketProtocolTests {
    @Test func `names go both ways`() {
        for name in ["ZWS2.0", "ZWS1.0", "ZWS2.0/NULL", "ZWS2.0/CURVE"] {
            #expect(WebSocketProtocol(name: name)?.name == name)
        }
        #expect(WebSocketProtocol(name: "ZWS3.0") == nil)
        #expect(WebSocketProtocol(name: "chat") == nil)
    }

    @Test func `only without authentication may the mechanism be left out`() {
        func names(_ mechanism: String, _ isAuthenticating: Bool, _ isTypeKnown: Bool) -> String {
            WebSocketProtocol.offers(
                mechanism: mechanism,
                isAuthenticating: isAuthenticating,
                isTypeKnown: isTypeKnown
            ).map(\.name).joined(separator: ",")
        }
        #expect(names("NULL", false, false) == "ZWS2.0/NULL,ZWS2.0")
        #expect(names("NULL", false, true) == "ZWS2.0/NULL,ZWS2.0,ZWS1.0")
        #expect(names("NULL", true, true) == "ZWS2.0/NULL")
        #expect(names("PLAIN", false, true) == "ZWS2.0/PLAIN")
    }
}
