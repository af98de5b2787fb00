/// Whom to tell, once the mailbox's lock is free, that there is room again.
struct Relief {
    /// The peer that may send again, if any.
    var peer: PeerID?
    var onRoom: (@Sendable (PeerID) -> Void)?
    /// Those who wait for queues that were taken from.
    var rooms: [SendQueue.Room] = []

    func tell() {
        for room in rooms { room.tell() }
        if let peer { onRoom?(peer) }
    }
}
