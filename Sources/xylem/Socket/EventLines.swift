import ArgumentParser
import Foundation
import ZeroMQ

/// How the events of a socket are told on standard error: a line each.
struct EventLines: Sendable {
    let format: OutputFormat

    /// Tells all events until the socket is closed.
    func write(_ events: AsyncStream<SocketEvent>) async {
        for await event in events { Diagnostics.write(line(for: event)) }
    }

    func line(for event: SocketEvent) -> String {
        guard case .json = format else { return "\(event)" }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let line = try? encoder.encode(Line(event))
        return line.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// An event as a program reads it. Times are in seconds.
    private struct Line: Encodable {
        var text: String
        /// As libzmq calls it; absent where it has no such event.
        var event: String?
        var number: UInt64?
        var values: [UInt64]?
        var local: String?
        var remote: String?
        var statistics: Statistics?

        init(_ event: SocketEvent) {
            text = "\(event)"
            if let known = event.libzmq {
                self.event = "\(known.kind)"
                number = known.kind.rawValue
                values = known.values
                local = known.local.isEmpty ? nil : known.local
                remote = known.remote.isEmpty ? nil : known.remote
            }
            if case .statistics(let peer) = event { statistics = Statistics(peer) }
        }
    }

    private struct Statistics: Encodable {
        var receivedMessages: Int
        var receivedBytes: Int
        var sentMessages: Int
        var sentBytes: Int
        var queuedMessages: Int
        var unreadMessages: Int
        var droppedMessages: [String: Int]
        var roundTrip: Double?

        init(_ peer: PeerStatistics) {
            receivedMessages = peer.received.messageCount
            receivedBytes = peer.received.byteCount
            sentMessages = peer.outgoing.sentMessageCount
            sentBytes = peer.outgoing.sentByteCount
            queuedMessages = peer.outgoing.queuedMessageCount
            unreadMessages = peer.unreadMessageCount
            let drops = peer.outgoing.drops
            droppedMessages = Dictionary(
                uniqueKeysWithValues: drops.reasons.map { ("\($0)", drops[$0]) }
            )
            roundTrip = peer.roundTrip.map { $0.smoothed / .seconds(1) }
        }
    }
}
