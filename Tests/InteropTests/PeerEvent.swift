import Foundation

/// One line that a peer printed; `Peers/peer.py` says which event has which fields.
struct PeerEvent: Decodable, Sendable {
    /// What happened: `bound`, `ready`, `received`, …
    var event: String
    var endpoint: String?
    var topic: String?
    var message: String?
    /// Of `Peers/any_socket.py`, in hexadecimal.
    var frames: [String]?
    var count: Int?
    /// Payload bytes over all frames.
    var bytes: Int?
    /// Hexadecimal digest of all frames, concatenated in order of arrival.
    var sha256: String?
    var first: UInt64?
    var last: UInt64?
    var inOrder: Bool?
    /// Sequence numbers skipped between `first` and `last`.
    var missing: Int?
    var outOfOrder: Int?
    /// Parts whose padding is not what the sequence number demands.
    var damaged: Int?
    /// Messages of other topics.
    var other: Int?

    /// Whether `received` tells of exactly `count` messages from `first`, each once, in order and
    /// byte for byte.
    func isComplete(count: Int, from first: UInt64 = 0) -> Bool {
        event == "received" && self.count == count && self.first == first
            && last == first + UInt64(count) - 1 && inOrder == true && missing == 0 && damaged == 0
    }
}
