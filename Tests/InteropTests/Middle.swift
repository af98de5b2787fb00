import Logging
import RouterNode
import SocketTestSupport

/// What stands between publishers and subscribers: a chain of our relays, or of libzmq's proxies to set them beside.
final class Middle {
    enum Kind: String, CaseIterable, Sendable {
        case relays, proxies
    }

    let publishersEndpoint: String
    let subscribersEndpoint: String
    private(set) var relays: [Relay] = []
    private var proxy: PeerProcess?

    /// Publishers connect to the first of the chain, which is the root of the tree, and subscribers to the last.
    init(_ kind: Kind, count: Int) async throws {
        switch kind {
        case .relays:
            for number in 0..<count {
                var seat = RelayConfiguration.Seat(tree: "t", rank: number)
                seat.parent = relays.last?.endpoints.map {
                    .init(
                        name: "relay \(number - 1)",
                        publishersEndpoint: $0.publishers.description,
                        subscribersEndpoint: $0.subscribers.description
                    )
                }
                let configuration = RelayConfiguration(
                    name: "relay \(number)",
                    publishersEndpoint: "tcp://127.0.0.1:*",
                    subscribersEndpoint: "tcp://127.0.0.1:*",
                    seats: [seat]
                )
                let logger = Logger(label: "relay \(number)") { _ in SwiftLogNoOpLogHandler() }
                relays.append(try await Relay.start(configuration, logger: logger))
            }
            publishersEndpoint = relays.first?.endpoints?.publishers.description ?? ""
            subscribersEndpoint = relays.last?.endpoints?.subscribers.description ?? ""
        case .proxies:
            let proxy = try PeerProcess(
                command: [
                    PeerAvailability.interpreter, PeerProcess.peers + "/proxy.py", "\(count)",
                ]
            )
            self.proxy = proxy
            publishersEndpoint = try await proxy.endpoint()
            subscribersEndpoint = try await proxy.endpoint()
        }
    }

    func close() async {
        for relay in relays { await relay.stop() }
        await proxy?.close()
    }
}
