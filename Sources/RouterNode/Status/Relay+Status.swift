import DataPlane
import NIOCore

extension Relay {
    /// A snapshot of everything the relay counts. A relay that has stopped gives its name and nothing else.
    public func status() async -> NodeStatus {
        let reader = StatusReader(self)
        let status = await lifetime.visit {
            let peers = (try? await reader.peers().get()) ?? []
            let down = (try? await fanOut.book().get()) ?? DeliveryBook()
            return try? await home.submit { reader.status(peers, down) }.get()
        }
        return (status ?? nil) ?? reader.nameOnly
    }
}
