import NIOCore
import Transports

/// Who is served on one event loop, by subscriber id, and who of them was given something since the last flush.
///
///     places:  0 [connection]  1 [vacant]  2 [connection, dirty]  …  ──▶ dirty: 2, …
///
/// Each message goes through here, so it is plain memory, which is neither checked for exclusive access nor retained.
final class PlaceTable {
    /// What became of messages for one subscriber.
    enum Outcome {
        case taken
        /// They were taken, and its queue is over the limit: `Outbox.handleFull` is due.
        case full(Connection)
        case vacant
        /// What is delivered to it goes another way, and is counted there.
        case reserved
    }

    private struct Place {
        var connection: Connection?
        /// The connection's.
        var outbox: Unmanaged<Outbox>?
        var isDirty = false
        var isReserved = false
    }

    private var places: UnsafeMutablePointer<Place>
    private var count = 0
    private var capacity = 16
    /// A ring with room for every id, in the order in which they got something; each is listed once.
    private var dirty: UnsafeMutablePointer<UInt32>
    private var dirtyStart = 0
    private var dirtyCount = 0

    init() {
        places = .allocate(capacity: capacity)
        dirty = .allocate(capacity: capacity)
    }

    deinit {
        places.deinitialize(count: count)
        places.deallocate()
        dirty.deallocate()
    }

    func fill(_ id: UInt32, with connection: Connection) {
        let place = makePlace(id)
        place.pointee.connection = connection
        place.pointee.outbox = .passUnretained(connection.outbox)
    }

    /// The place stays empty.
    func reserve(_ id: UInt32) {
        makePlace(id).pointee.isReserved = true
    }

    func vacate(_ id: UInt32) {
        let place = place(id)
        place.pointee.connection = nil
        place.pointee.outbox = nil
    }

    func connection(of id: UInt32) -> Connection? { place(id).pointee.connection }

    func forEachConnection(_ body: (Connection) -> Void) {
        for id in 0..<count {
            if let connection = places[id].connection { body(connection) }
        }
    }

    /// Puts whole messages into the subscriber's queue, and calls nobody.
    func take(
        _ buffer: ByteBuffer,
        _ bytes: UnsafeRawBufferPointer,
        _ range: Range<Int>,
        messageCount: Int,
        for id: UInt32
    ) -> Outcome {
        let place = place(id)
        guard let outbox = place.pointee.outbox else {
            return place.pointee.isReserved ? .reserved : .vacant
        }
        if !place.pointee.isDirty {
            place.pointee.isDirty = true
            append(dirty: id)
        }
        let isFull = outbox._withUnsafeGuaranteedRef {
            $0.take(buffer, bytes, range, messageCount: messageCount)
        }
        guard isFull, let connection = place.pointee.connection else { return .taken }
        return .full(connection)
    }

    /// Who was given something, each once; without a connection when it has left meanwhile.
    func nextDirty() -> (id: UInt32, connection: Connection?)? {
        guard dirtyCount > 0 else { return nil }
        let id = dirty[dirtyStart]
        dirtyStart = dirtyStart + 1 == capacity ? 0 : dirtyStart + 1
        dirtyCount -= 1
        let place = place(id)
        place.pointee.isDirty = false
        return (id, place.pointee.connection)
    }

    // MARK: - Memory

    private func place(_ id: UInt32) -> UnsafeMutablePointer<Place> {
        precondition(id < count, "no subscriber has this id")
        return places + Int(id)
    }

    private func makePlace(_ id: UInt32) -> UnsafeMutablePointer<Place> {
        while capacity <= id { grow() }
        while count <= id {
            (places + count).initialize(to: Place())
            count += 1
        }
        return places + Int(id)
    }

    private func append(dirty id: UInt32) {
        let end = dirtyStart + dirtyCount
        dirty[end < capacity ? end : end - capacity] = id
        dirtyCount += 1
    }

    private func grow() {
        let largerPlaces = UnsafeMutablePointer<Place>.allocate(capacity: capacity * 2)
        largerPlaces.moveInitialize(from: places, count: count)
        places.deallocate()
        places = largerPlaces
        let largerDirty = UnsafeMutablePointer<UInt32>.allocate(capacity: capacity * 2)
        for index in 0..<dirtyCount {
            largerDirty[index] = dirty[(dirtyStart + index) % capacity]
        }
        dirty.deallocate()
        dirty = largerDirty
        dirtyStart = 0
        capacity *= 2
    }
}
