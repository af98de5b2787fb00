import DataPlane
import NIOCore
import Routing
import Transports

/// The way out of a tree's link on one connection: what is sent on it is gathered until the burst that caused it is over, and leaves in
/// one go. Home loop only, but for what it does on the connection's.
///
/// It says how much of that has not been taken yet: whoever feeds a child goes on when that is little. It never refuses: what a link says
/// must not be lost, and what it says much of is asked for first.
final class LinkLane: @unchecked Sendable {
    let connection: Connection
    private let home: any EventLoop
    private var pending: [ByteBuffer] = []
    private var pendingByteCount = 0
    /// Handed to the connection, in all.
    private var handedByteCount = 0
    /// Of that, what had come to its loop when it last told, and what waited there.
    private var heardByteCount = 0
    private var waitingByteCount = 0
    private(set) var sentByteCount = 0

    init(_ connection: Connection, home: any EventLoop) {
        self.connection = connection
        self.home = home
    }

    /// Whether more had better wait.
    var isFull: Bool {
        pendingByteCount + handedByteCount - heardByteCount + waitingByteCount
            >= Self.byteCountMax
    }

    var hasPending: Bool { !pending.isEmpty }

    func send(_ frames: LinkFrames) {
        pending += frames.pieces
        pendingByteCount += frames.byteCount
    }

    func send(_ command: LinkCommand) {
        send(LinkFrames(command.name, command.body))
    }

    /// Hands over what was gathered. `onTaken` is called on the home loop after another loop has taken it.
    func ship(_ onTaken: @escaping @Sendable () -> Void) {
        guard !pending.isEmpty else { return }
        let pieces = pending
        handedByteCount += pendingByteCount
        sentByteCount += pendingByteCount
        pending = []
        pendingByteCount = 0
        guard connection.loop !== home else {
            connection.outbox.append(pieces: pieces)
            connection.drain()
            heardByteCount = handedByteCount
            waitingByteCount = connection.outbox.queuedPieceByteCount
            return
        }
        let handed = handedByteCount
        connection.loop.execute { [self] in
            connection.outbox.append(pieces: pieces)
            connection.drain()
            let waiting = connection.outbox.queuedPieceByteCount
            home.execute {
                self.heardByteCount = handed
                self.waitingByteCount = waiting
                onTaken()
            }
        }
    }

    /// Sends what was gathered, and closes.
    func finish() {
        ship {}
        connection.loop.execute { [connection] in connection.finish(linger: .seconds(1)) }
    }

    /// Ends the connection; why has been told.
    func close(_ problem: String) {
        connection.loop.execute { [connection] in connection.close(.misbehaviour(problem)) }
    }

    /// Says that there are no numbers here, and closes: the child's link is to be a plain one.
    func refuse() {
        send(.refuse(LinkRefusal(.noNumbers)))
        finish()
    }

    /// The connection's stream has taken more; so much waits there now.
    func handleDrain(waitingByteCount: Int) {
        self.waitingByteCount = waitingByteCount
    }

    /// So much is on its way to one peer at a time; beyond it the ring is the queue.
    private static let byteCountMax = 512 << 10
}
