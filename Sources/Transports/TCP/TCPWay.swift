import NIOCore
import Vocabulary

/// Where a connect over TCP goes: to its target, or to the proxy that goes there.
struct TCPWay {
    let target: TCPAddress
    /// What is connected to.
    let next: TCPAddress
    /// Of `next`, if it is a number; a name is looked up for each connect anew.
    let address: SocketAddress?
    let source: SocketAddress?

    init(to endpoint: Endpoint, through proxy: SOCKSProxy?) throws {
        target = try TCPAddress.dialled(endpoint)
        guard let proxy else {
            next = target
            (address, source) = try target.dialAddresses(of: endpoint)
            return
        }
        let place = Endpoint(scheme: .tcp, address: proxy.address)
        var way = try TCPAddress.dialled(place)
        // What the endpoint comes from is this machine's, whoever is next.
        way.source = target.source
        next = way
        (address, source) = try way.dialAddresses(of: place)
    }
}
