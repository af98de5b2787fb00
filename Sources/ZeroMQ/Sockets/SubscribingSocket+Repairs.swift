import NIOCore
public import PGM
import Transports

extension SubscribingSocket {
    /// How long multicast packets that were lost on the way were missing here until they had been repaired, at each
    /// endpoint.
    public func repairTimes() async -> [RepairTimes] {
        (try? await core.repairTimes().get()) ?? []
    }
}

extension SubscribeCore {
    fileprivate func repairTimes() -> EventLoopFuture<[RepairTimes]> {
        home.submit { self.receivers.map(\.repairTimes) }
    }
}
