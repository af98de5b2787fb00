import Testing
import ZMTP

/// Who may meet whom, as the RFCs of the patterns have it.
struct SocketTypeTests {
    /// Each pair once.
    private static let pairs = [
        "PAIR PAIR", "PUB SUB", "PUB XSUB", "XPUB SUB", "XPUB XSUB", "REQ REP", "REQ ROUTER",
        "REP DEALER", "DEALER DEALER", "DEALER ROUTER", "ROUTER ROUTER", "PUSH PULL",
        "SERVER CLIENT", "RADIO DISH", "GATHER SCATTER", "PEER PEER", "CHANNEL CHANNEL",
    ]

    @Test func `exactly these pairs may meet, both ways round`() {
        for type in SocketType.allCases {
            for peer in SocketType.allCases {
                let isPair =
                    Self.pairs.contains("\(type.rawValue) \(peer.rawValue)")
                    || Self.pairs.contains("\(peer.rawValue) \(type.rawValue)")
                #expect(type.accepts(peer) == isPair, "\(type) and \(peer)")
            }
        }
        #expect(SocketType.allCases.count == 21)
        #expect(SocketType.allCases.filter(\.peers.isEmpty) == [.stream, .dgram])
    }

    @Test func `the numbers of ZMTP 2`() {
        #expect(SocketType(revision2Number: 0) == .pair)
        #expect(SocketType(revision2Number: 5) == .dealer)
        #expect(SocketType(revision2Number: 10) == .xsub)
        #expect(SocketType(revision2Number: 11) == nil)
        #expect(SocketType.server.revision2Number == nil)
        for type in SocketType.allCases {
            guard let number = type.revision2Number else { continue }
            #expect(SocketType(revision2Number: number) == type)
        }
    }
}
