import Testing

@testable import Transports

/// RFC 1928 and RFC 1929, octet by octet.
struct SOCKSNegotiationTests {
    /// What a client sends and comes to, when a proxy answers these octets one by one.
    private static func transcript(
        _ proxy: SOCKSProxy,
        host: String = "example.org",
        _ answers: [UInt8]
    ) -> [String] {
        var negotiation = SOCKSNegotiation(proxy: proxy, host: host, port: 0x1234)
        var lines = ["send \(negotiation.greeting)"]
        for (index, octet) in answers.enumerated() {
            switch negotiation.handle([octet]) {
            case .wait: continue
            case .send(let octets): lines.append("\(index + 1): send \(octets)")
            case .open(let rest): lines.append("\(index + 1): open \(rest)")
            case .failed(let problem): lines.append("\(index + 1): \(problem)")
            }
        }
        return lines
    }

    private static let open = SOCKSProxy("proxy:1080")
    private static let guarded = SOCKSProxy("proxy:1080", user: "u", password: "pw")
    /// CONNECT by name.
    private static let request: [UInt8] = [5, 1, 0, 3, 11] + "example.org".utf8 + [0x12, 0x34]

    @Test func `a proxy for everybody`() {
        #expect(
            Self.transcript(Self.open, [5, 0, 5, 0, 0, 1, 10, 0, 0, 1, 0, 80])
                == ["send [5, 1, 0]", "2: send \(Self.request)", "12: open []"]
        )
    }

    @Test func `a proxy that asks for a user and a password`() {
        #expect(
            Self.transcript(Self.guarded, [5, 2, 1, 0, 5, 0, 0, 3, 2, 97, 98, 0, 80])
                == [
                    "send [5, 2, 0, 2]", "2: send [1, 1, 117, 2, 112, 119]",
                    "4: send \(Self.request)", "13: open []",
                ]
        )
        // It need not ask.
        #expect(Self.transcript(Self.guarded, [5, 0]).last == "2: send \(Self.request)")
    }

    @Test func `addresses go as addresses`() {
        #expect(
            Self.transcript(Self.open, host: "10.1.2.3", [5, 0]).last
                == "2: send [5, 1, 0, 1, 10, 1, 2, 3, 18, 52]"
        )
        let v6 = [UInt8](repeating: 0, count: 15) + [1]
        #expect(
            Self.transcript(Self.open, host: "::1", [5, 0]).last
                == "2: send \([5, 1, 0, 4] + v6 + [18, 52])"
        )
        let reply: [UInt8] = [5, 0, 5, 0, 0, 4] + v6 + [0, 80]
        #expect(Self.transcript(Self.open, reply).last == "24: open []")
    }

    @Test func `what follows the reply is the target's`() {
        var negotiation = SOCKSNegotiation(proxy: Self.open, host: "h", port: 1)
        _ = negotiation.handle([5, 0])
        #expect(
            negotiation.handle([5, 0, 0, 1, 1, 2, 3, 4, 5, 6, 0xFF, 9]) == .open(rest: [0xFF, 9])
        )
        #expect(negotiation.handle([1]) == .wait)
    }

    @Test(
        arguments: [
            ([4], "1: the proxy does not speak SOCKS 5"),
            ([5, 0xFF], "2: the proxy wants a user name and a password"),
            ([5, 2], "2: the proxy wants a user name and a password"),
            ([5, 0, 5, 5, 0, 1, 0], "7: the connection behind the proxy was refused"),
            ([5, 0, 5, 2, 0, 1, 0], "7: the proxy does not allow this connection"),
            ([5, 0, 5, 9, 0, 1, 0], "7: the proxy failed (code 9)"),
            ([5, 0, 5, 0, 0, 2, 0], "7: the proxy does not speak SOCKS 5"),
            ([5, 0, 4, 0, 0, 1, 0], "7: the proxy does not speak SOCKS 5"),
        ] as [([UInt8], String)]
    )
    func `a refusal says what was refused`(_ answers: [UInt8], _ last: String) {
        #expect(Self.transcript(Self.open, answers).last == last)
    }

    @Test func `a wrong password is told apart`() {
        #expect(
            Self.transcript(Self.guarded, [5, 2, 1, 1]).last
                == "4: the proxy refused the user name or the password"
        )
        #expect(
            Self.transcript(Self.guarded, [5, 0xFF]).last
                == "2: the proxy does not take a user name and a password"
        )
    }

    @Test func `a user and a password have a length`() {
        #expect(Self.open.problem == nil && Self.guarded.problem == nil)
        #expect(SOCKSProxy("p:1", user: "").problem?.contains("user has 0 octets") == true)
        let long = String(repeating: "x", count: 256)
        #expect(SOCKSProxy("p:1", user: "u", password: long).problem?.contains("256") == true)
        #expect(SOCKSProxy("p:1", password: "x").problem == "the proxy's password needs a user")
    }
}
