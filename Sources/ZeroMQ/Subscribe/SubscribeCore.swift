import DataPlane
import NIOCore
import Patterns
import Transports
import Wire
import ZMTP

/// What SUB and XSUB share: publishers, the topics asked of them, and the way from the wire to `receive`.
///
/// Confined to the home loop, where all its connections live; the mailbox is the application's side.
final class SubscribeCore: @unchecked Sendable {
    let home: any EventLoop
    let mailbox: Mailbox
    /// SUB drops what it did not ask for; XSUB passes everything on (RFC 29).
    private let isFiltering: Bool
    /// The application is the only "subscriber" of this index: it counts repeated subscriptions.
    private var index = SubscriptionIndex()
    private var publishers: [Connection] = []
    /// The multicast endpoints that are listened to.
    var receivers: [MulticastReceiver] = []
    var isPaused = false
    let messageByteCountMax: Int

    init(home: any EventLoop, options: SocketOptions, isFiltering: Bool) {
        self.home = home
        self.isFiltering = isFiltering
        messageByteCountMax = options.messageByteCountMax ?? .max
        mailbox = Mailbox(limit: options.queueLimit)
        mailbox.setRoomHandler { [weak self] in
            guard let self else { return }
            self.home.execute { self.setPaused(false) }
        }
    }

    func subscribe(to topics: [[UInt8]]) -> EventLoopFuture<Void> {
        home.submit { self.change(topics, isSubscribe: true) }
    }

    func cancel(_ topics: [[UInt8]]) -> EventLoopFuture<Void> {
        home.submit { self.change(topics, isSubscribe: false) }
    }

    /// XSUB: a message to every publisher. An XPUB there reads it.
    func sendUpstream(_ message: Message) -> EventLoopFuture<Void> {
        home.submit {
            let buffer = message.encoded
            for publisher in self.publishers {
                buffer.withUnsafeReadableBytes { bytes in
                    _ = publisher.outbox.append(
                        buffer,
                        bytes,
                        0..<bytes.count,
                        messageCount: 1,
                        policy: .dropNewest
                    )
                }
                publisher.drain()
            }
        }
    }

    private func change(_ topics: [[UInt8]], isSubscribe: Bool) {
        var changed: [[UInt8]] = []
        for topic in topics {
            let isNews = topic.withUnsafeBytes { bytes in
                isSubscribe
                    ? index.subscribe(bytes, by: Self.application) == .firstForTopic
                    : index.cancel(bytes, by: Self.application) == .lastForTopic
            }
            if isNews { changed.append(topic) }
        }
        guard !changed.isEmpty else { return }
        for publisher in publishers {
            guard let form = publisher.peer?.subscriptionForm else { continue }
            var frames: [UInt8] = []
            for topic in changed {
                topic.withUnsafeBytes {
                    form.append(topic: $0, isSubscribe: isSubscribe, to: &frames)
                }
            }
            publisher.outbox.appendControl(frames)
            publisher.drain()
        }
    }

    private func setPaused(_ isPaused: Bool) {
        guard self.isPaused != isPaused else { return }
        self.isPaused = isPaused
        for publisher in publishers { publisher.setReading(!isPaused) }
        for receiver in receivers { receiver.setReading(!isPaused) }
    }

    private static let application = SubscriberID(0)
}

extension SubscribeCore: ConnectionHandler {
    func connectionDidEstablish(_ connection: Connection, peer: RemotePeer) {
        publishers.append(connection)
        if isPaused { connection.setReading(false) }
        // All of them, outside of every queue limit: libzmq loses subscriptions here (libzmq#4064).
        var frames: [UInt8] = []
        index.forEachTopic {
            peer.subscriptionForm.append(topic: $0, isSubscribe: true, to: &frames)
        }
        connection.outbox.appendControl(frames)
    }

    func connection(_ connection: Connection, didReceive run: ByteBuffer, messageCount: Int) {
        receive(run, messageCount: messageCount)
    }

    /// Passes on what was asked for.
    func receive(_ run: ByteBuffer, messageCount: Int) {
        guard isFiltering else { return deliver(run, messageCount: messageCount) }
        var wanted: [(Range<Int>, Int)] = []
        run.withUnsafeReadableBytes { bytes in
            let isEverything =
                index.topicCount == 1
                && index.match(UnsafeRawBufferPointer(start: nil, count: 0)) != nil
            wanted = isEverything ? [(0..<bytes.count, messageCount)] : filter(bytes)
        }
        for (range, count) in wanted {
            guard
                let slice = run.getSlice(
                    at: run.readerIndex + range.lowerBound,
                    length: range.count
                )
            else { continue }
            deliver(slice, messageCount: count)
        }
    }

    func connection(_ connection: Connection, didReceive command: PeerCommand) {
        guard command.subscription != nil else { return }
        connection.close(.misbehaviour("a publisher sent a subscription"))
    }

    func connectionDidEndRead(_ connection: Connection) {}

    func connectionDidDrain(_ connection: Connection) {}

    func connectionDidClose(_ connection: Connection, reason: DisconnectReason) {
        publishers.removeAll { $0 === connection }
    }

    private func deliver(_ run: ByteBuffer, messageCount: Int) {
        if !mailbox.append(run, messageCount: messageCount) { setPaused(true) }
    }

    /// The stretches of messages that match a subscription, with their counts.
    private func filter(_ bytes: UnsafeRawBufferPointer) -> [(Range<Int>, Int)] {
        var stretches: [(Range<Int>, Int)] = []
        var walker = MessageWalker(bytes)
        var start = 0
        var count = 0
        while walker.next() {
            if index.match(UnsafeRawBufferPointer(rebasing: bytes[walker.topic])) != nil {
                if count == 0 { start = walker.start }
                count += 1
            } else if count > 0 {
                stretches.append((start..<walker.start, count))
                count = 0
            }
        }
        if count > 0 { stretches.append((start..<walker.end, count)) }
        return stretches
    }
}
