import SocketTestSupport
import Testing
import ZeroMQ

/// Messages between libzmq and us under GSSAPI, with a real Kerberos.
@Suite(.needsKerberos, .sockets, .serialized, .timeLimit(.minutes(5)))
struct GSSAPIInteropTests {
    private static let service = GSSAPIName("weather@localhost")
    private static let ann = GSSAPIName("ann", .userName)

    private static func server(
        isPlaintext: Bool = false,
        _ configure: (inout SocketOptions) -> Void = { _ in }
    ) -> SocketOptions {
        SocketOptions {
            $0.security = .gssapiServer(
                GSSAPIOptions(principal: service, isPlaintext: isPlaintext)
            )
            $0.reconnectInitial = .milliseconds(10)
            configure(&$0)
        }
    }

    private static func client(
        of service: GSSAPIName = service,
        as principal: GSSAPIName = ann,
        isPlaintext: Bool = false
    ) -> SocketOptions {
        SocketOptions {
            $0.security = .gssapi(
                service: service,
                GSSAPIOptions(principal: principal, isPlaintext: isPlaintext)
            )
            $0.reconnectInitial = .milliseconds(10)
        }
    }

    private static func word(_ text: String) -> String { SocketPeer.word(Array(text.utf8)) }

    /// libzmq's part.
    private static func peerOptions(isServer: Bool, isPlaintext: Bool) -> [String] {
        let plaintext = ["--option", "GSSAPI_PLAINTEXT=\(isPlaintext ? 1 : 0)"]
        guard !isServer else {
            return plaintext + [
                "--option", "GSSAPI_SERVER=1", "--octets",
                "GSSAPI_PRINCIPAL=\(word(service.text))",
            ]
        }
        return plaintext + [
            "--octets", "GSSAPI_SERVICE_PRINCIPAL=\(word(service.text))", "--octets",
            "GSSAPI_PRINCIPAL=\(word(ann.text))", "--option", "GSSAPI_PRINCIPAL_NAMETYPE=1",
        ]
    }

    private static let frames: [[[UInt8]]] = [
        [[]], [[1, 2, 3]], [[0x61], [], Array(repeating: 7, count: 242)],
        [Array(repeating: 9, count: 255), Array(repeating: 8, count: 256)],
        [Array(repeating: 5, count: 100_000)],
    ]

    @Test(arguments: [true, false], [true, false])
    func `messages go both ways`(weAreServer: Bool, isPlaintext: Bool) async throws {
        try await Kerberos.shared.start()
        let options =
            weAreServer
            ? Self.server(isPlaintext: isPlaintext) : Self.client(isPlaintext: isPlaintext)
        try await withSocket(Dealer(options: options)) { dealer in
            let endpoint = try await dealer.bind("tcp://127.0.0.1:*")
            let peer = try SocketPeer(
                "DEALER",
                ["--connect", "\(endpoint)"]
                    + Self.peerOptions(isServer: !weAreServer, isPlaintext: isPlaintext)
            )
            for _ in 0..<3 {
                for frames in Self.frames {
                    try peer.process.send(
                        "send " + frames.map { SocketPeer.word($0) }.joined(separator: " ")
                    )
                    let message = try await within("message") { try await dealer.receive() }
                    #expect(message == Message(frames.map { Frame($0) }))
                    try await dealer.send(message)
                    #expect(try await peer.receive() == frames)
                }
            }
            await peer.close()
        }
    }

    /// libzmq up to 4.3.5 forgets, when it seals, that a message is a subscription: there a SUB's never arrives, and an XSUB's that
    /// is a message with a first octet of 1 does.
    @Test(arguments: [true, false])
    func `a libzmq subscriber is heard`(isPlaintext: Bool) async throws {
        try await Kerberos.shared.start()
        let options = Self.server(isPlaintext: isPlaintext)
        try await withSocket(XPublisher(options: options)) { publisher in
            let endpoint = try await publisher.bind("tcp://127.0.0.1:*")
            let peer = try SocketPeer(
                isPlaintext ? "SUB" : "XSUB",
                ["--connect", "\(endpoint)"]
                    + (isPlaintext ? ["--octets", "SUBSCRIBE=\(Self.word("w."))"] : [])
                    + Self.peerOptions(isServer: false, isPlaintext: isPlaintext)
            )
            if !isPlaintext { try await peer.send("\u{1}w.") }
            try await within("subscription") {
                while try await publisher.receive() != .subscribed(topic: Array("w.".utf8)) {}
            }
            for text in ["s.oslo", "w.oslo"] as [Message] { publisher.send(text) }
            #expect(try await peer.receiveTexts() == ["w.oslo"])
            await peer.close()
        }
    }

    @Test(arguments: [true, false])
    func `libzmq hears our subscriber`(isPlaintext: Bool) async throws {
        try await Kerberos.shared.start()
        try await withSocket(Subscriber(options: Self.client(isPlaintext: isPlaintext))) {
            subscriber in
            let peer = try SocketPeer(
                "XPUB",
                ["--bind", "tcp://127.0.0.1:*"]
                    + Self.peerOptions(isServer: true, isPlaintext: isPlaintext)
            )
            try await subscriber.connect(peer.endpoint())
            try await subscriber.subscribe(to: "w.")
            #expect(try await peer.receiveTexts() == ["\u{1}w."])
            for text in ["s.oslo", "w.oslo"] { try await peer.send(text) }
            let message = try await within("message") { try await subscriber.receive() }
            #expect(message[0].text == "w.oslo")
            await peer.close()
        }
    }

    @Test(
        arguments: ["tcp://127.0.0.1:*", "ipc://*", "inproc://kerberos", "ws://127.0.0.1:*"],
        [true, false]
    )
    func `our own ends meet over every transport`(
        endpoint: String,
        isPlaintext: Bool
    ) async throws {
        try await Kerberos.shared.start()
        try await withSocket(XPublisher(options: Self.server(isPlaintext: isPlaintext))) {
            publisher in
            let bound = try await publisher.bind(endpoint)
            try await withSocket(Subscriber(options: Self.client(isPlaintext: isPlaintext))) {
                subscriber in
                try await subscriber.connect(bound)
                try await subscriber.subscribe(to: "w.")
                try await within("subscription") {
                    while try await publisher.receive() != .subscribed(topic: Array("w.".utf8)) {}
                }
                let large = Frame([UInt8](repeating: 7, count: 1_000_000))
                for number in 0..<500 { publisher.send(["w.\(number)", "body"]) }
                publisher.send(["w.large", large])
                for number in 0..<500 {
                    let message = try await within("message") { try await subscriber.receive() }
                    #expect(message == ["w.\(number)", "body"])
                }
                #expect(
                    try await within("message") { try await subscriber.receive() }
                        == ["w.large", large]
                )
            }
        }
    }

    @Test func `an authenticator knows the name that Kerberos vouches for`() async throws {
        try await Kerberos.shared.start()
        let asked = Verdicts()
        let options = Self.server {
            $0.authenticator = ClosureAuthenticator { asked.verdict(on: $0) }
        }
        try await withSocket(Puller(options: options)) { puller in
            let events = puller.events
            let endpoint = try await puller.bind("tcp://127.0.0.1:*")
            let peer = try SocketPeer(
                "PUSH",
                ["--connect", "\(endpoint)"] + Self.peerOptions(isServer: false, isPlaintext: false)
            )
            let event = try await events.next("established event") {
                if case .established = $0 { true } else { false }
            }
            guard case .established(_, let remote) = event else { return }
            #expect(remote.principal == "ann@XYLEM.TEST")
            #expect(remote.userID == "ann")
            #expect(asked.peers.map(\.proof) == [.gssapi(principal: "ann@XYLEM.TEST")])
            await peer.close()
        }
    }

    @Test func `an access list lets in whom it names, and denies others`() async throws {
        try await Kerberos.shared.start()
        let access = try AccessControl(AccessRules { $0.principals = .list(["ann@XYLEM.TEST"]) })
        let options = Self.server { $0.authenticator = access }
        try await withSocket(Replier(options: options)) { replier in
            let events = replier.events
            let endpoint = try await replier.bind("tcp://127.0.0.1:*")
            let eve = GSSAPIName("eve@XYLEM.TEST", .kerberosPrincipal)
            try await withSocket(Pusher(options: Self.client(as: eve))) { stranger in
                try await stranger.connect(endpoint)
                let reason = try await events.nextDisconnect()
                #expect(reason.description.contains("denied"))
            }
            try await withSocket(Requester(options: Self.client())) { requester in
                try await requester.connect(endpoint)
                async let answer = requester.request("now", timeout: .seconds(30))
                let request = try await within("request") { try await replier.receive() }
                try await replier.send(request)
                #expect(try await answer[0].text == "now")
            }
        }
    }

    @Test func `what is wrong is told in Kerberos' words`() async throws {
        try await Kerberos.shared.start()
        for (options, words) in [
            (Self.client(of: GSSAPIName("nobody@localhost")), "nobody@localhost"),
            (Self.client(as: GSSAPIName("zoe", .userName)), "no credentials of 'zoe'"),
        ] {
            try await withSocket(Pusher(options: options)) { pusher in
                let events = pusher.events
                try await withSocket(Puller(options: Self.server())) { puller in
                    try await pusher.connect(try await puller.bind("tcp://127.0.0.1:*"))
                    let reason = try await events.nextDisconnect()
                    #expect(reason.description.contains(words), "\(reason)")
                }
            }
        }
    }
}
