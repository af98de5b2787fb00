import NIOCore
public import PGM
import Transports

extension SubscribingSocket {
    /// For each multicast endpoint, how long lost packets were missing before they were repaired.
    public func repairTimes() async -> [RepairTimes] {
        (try? await core.repairTimes().get()) ?? []
    }
}

extension SubscribeCore {
    fileprivate func repairTimes() -> EventLoopFuture<[RepairTimes]> {
        home.submit { self.receivers.map(\.repairTimes) }
    }
}
