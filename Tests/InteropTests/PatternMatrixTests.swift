import SocketTestSupport
import Testing
import ZeroMQ

/// Every pair of stable socket types that may meet, with libzmq on the other side: over tcp and ipc, under every mechanism, whoever binds,
/// with messages of one frame, of many, of none at all and large ones.
@Suite(.needsPeer, .sockets, .timeLimit(.minutes(8))) struct PatternMatrixTests {
    /// Ours, theirs, and what they do (`Peers/matrix.py`).
    enum Pair: String, CaseIterable, Sendable {
        case reqRep = "REQ REP echo"
        case reqRouter = "REQ ROUTER echo"
        case dealerRep = "DEALER REP echo"
        case dealerDealer = "DEALER DEALER echo"
        case dealerRouter = "DEALER ROUTER echo"
        case routerDealer = "ROUTER DEALER echo"
        case routerRouter = "ROUTER ROUTER echo"
        case pairPair = "PAIR PAIR echo"
        case repReq = "REP REQ ask"
        case routerReq = "ROUTER REQ ask"
        case repDealer = "REP DEALER ask"
        case pushPull = "PUSH PULL hear"
        case pubSub = "PUB SUB hear"
        case pubXsub = "PUB XSUB hear"
        case xpubSub = "XPUB SUB hear"
        case xpubXsub = "XPUB XSUB hear"
        case pullPush = "PULL PUSH tell"
        case subPub = "SUB PUB tell"
        case subXpub = "SUB XPUB tell"
        case xsubPub = "XSUB PUB tell"
        case xsubXpub = "XSUB XPUB tell"

        var theirType: String { String(rawValue.split(separator: " ")[1]) }
        var part: String { String(rawValue.split(separator: " ")[2]) }
    }

    enum Mechanism: String, CaseIterable, Sendable {
        case null, plain, curve
    }

    private static let largeByteCount = 300_000

    /// A REQ of libzmq 4.3.4 that is a PLAIN server takes no replies, of libzmq's own REP neither: the messages of a peer that its handler has
    /// let in carry a mark, and its state machine takes that for a breach.
    private static func isBeyondLibzmq(
        _ pair: Pair,
        _ mechanism: Mechanism,
        _ weAreServer: Bool
    ) -> Bool {
        mechanism == .plain && !weAreServer && pair.theirType == "REQ"
    }

    @Test(arguments: Mechanism.allCases, [false, true])
    func `every pair talks`(mechanism: Mechanism, weAreServer: Bool) async throws {
        let peer = try MatrixPeer(
            mechanism,
            isServer: !weAreServer,
            largeByteCount: Self.largeByteCount
        )
        var cellCount = 0
        for pair in Pair.allCases where !Self.isBeyondLibzmq(pair, mechanism, weAreServer) {
            for weBind in [true, false] {
                for scheme in ["tcp://127.0.0.1:*", "ipc://*"] {
                    let cell = "\(pair.rawValue), \(scheme), we bind: \(weBind)"
                    do {
                        try await within(cell, .seconds(20)) {
                            try await MatrixCell(
                                pair: pair,
                                options: MatrixPeer.options(mechanism, weAreServer: weAreServer),
                                largeByteCount: Self.largeByteCount
                            ).run(with: peer, weBind: weBind, at: scheme)
                        }
                        cellCount += 1
                    } catch {
                        Issue.record("\(cell): \(error)")
                        return
                    }
                }
            }
        }
        print(
            "\(cellCount) cells of the interop matrix passed: \(mechanism), \(weAreServer ? "ours" : "libzmq's") is the server"
        )
        await peer.close()
    }

    /// 64 MB there and back.
    @Test(arguments: Mechanism.allCases)
    func `a message of 64 MB comes back`(mechanism: Mechanism) async throws {
        let byteCount = 64 << 20
        let peer = try MatrixPeer(mechanism, isServer: true, largeByteCount: byteCount)
        try await within("64 MB", .seconds(60)) {
            try await MatrixCell(
                pair: .dealerDealer,
                options: MatrixPeer.options(mechanism, weAreServer: false),
                largeByteCount: byteCount
            ).run(with: peer, weBind: false, at: "tcp://127.0.0.1:*")
        }
        await peer.close()
    }
}
