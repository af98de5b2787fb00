import DataPlane
import NIOCore
import Patterns
import Transports
import Wire
import ZMTP

/// What SUB and XSUB share: publishers, the topics they are asked for, and the path from the wire to `receive`.
///
/// Confined to the home loop, where all its connections live; the two queues are the application's side.
final class SubscribeCore: SocketCore, @unchecked Sendable {
    let type: SocketType
    let home: any EventLoop
    let mailbox: Mailbox
    /// XSUB: messages for every publisher; `nil` for SUB.
    let outlet: SendQueue?
    /// SUB drops what it did not ask for; XSUB passes everything on (RFC 29).
    private let isFiltering: Bool
    /// Whether what was asked for is what is not wanted.
    private let inverts: Bool
    private let verbosity: SubscriptionVerbosity
    private var interest = ApplicationInterest()
    private var publishers: [Connection] = []
    /// The multicast endpoints this socket listens to.
    var receivers: [MulticastReceiver] = []
    /// Whether the multicast endpoints are not read.
    var isPaused = false
    let messageByteCountMax: Int
    private var isClosed = false
    /// Upstream messages that found no publisher connected.
    private var unsentMessageCount = 0
    /// Upstream messages dropped at connections that are gone.
    private var droppedByGone = 0
    private var limitDisconnectCount = 0

    init(type: SocketType, home: any EventLoop, options: SocketOptions) {
        self.type = type
        self.home = home
        isFiltering = type == .sub
        inverts = options.invertsMatching
        verbosity = type == .xsub ? options.verbosity : .changes
        outlet = type == .xsub ? SendQueue(limit: options.queueLimit) : nil
        messageByteCountMax = options.messageByteCountMax ?? .max
        mailbox = Mailbox(
            limit: options.queueLimit,
            spinTime: options.spinTime,
            conflates: options.conflates
        )
        // Until the mailbox is closed.
        mailbox.setRoomHandler { peer in
            self.home.execute { self.setReading(true, from: peer) }
        }
    }

    var inbox: Mailbox? { mailbox }

    var expectsBulkReads: Bool { true }

    /// Fails with `ZeroMQError.closed` after `finish`.
    func subscribe(to topics: [[UInt8]]) -> EventLoopFuture<Void> {
        home.submit { try self.change(topics, isSubscribe: true) }
    }

    /// Fails with `ZeroMQError.closed` after `finish`.
    func cancel(_ topics: [[UInt8]]) -> EventLoopFuture<Void> {
        home.submit { try self.change(topics, isSubscribe: false) }
    }

    func finish() -> EventLoopFuture<Void> {
        mailbox.close()
        outlet?.close()
        return home.submit {
            self.isClosed = true
            while let chunk = self.outlet?.take() { self.sendUpstream(chunk) }
        }
    }

    private func change(_ topics: [[UInt8]], isSubscribe: Bool) throws {
        home.assertInEventLoop()
        guard !isClosed else { throw ZeroMQError.closed }
        let changed = topics.filter {
            switch interest.change($0, isSubscribe: isSubscribe) {
            case .repeated:
                verbosity == .everything || isSubscribe && verbosity == .everySubscription
            case let change: change == .topic
            }
        }
        guard !changed.isEmpty else { return }
        // From now on messages have to be looked at.
        if isFiltering, !interest.isEverything { mailbox.endLinks() }
        for publisher in publishers {
            guard let form = publisher.peer?.subscriptionForm else { continue }
            var frames: [UInt8] = []
            for topic in changed {
                topic.withUnsafeBytes {
                    form.append(topic: $0, isSubscribe: isSubscribe, to: &frames)
                }
            }
            publisher.sendControl(frames)
        }
    }

    /// Stops or resumes hearing one publisher, or all multicast sources: whoever floods the application waits alone.
    private func setReading(_ isReading: Bool, from peer: PeerID) {
        home.assertInEventLoop()
        guard peer == .none else {
            publishers.first { PeerID($0) == peer }?.setReading(isReading)
            return
        }
        guard isPaused == isReading else { return }
        isPaused = !isReading
        for receiver in receivers { receiver.setReading(isReading) }
    }
}

// MARK: - Upstream

extension SubscribeCore {
    /// What an XPUB has received: subscriptions become this socket's, messages go to its publishers (RFC 29 "XSUB").
    func tryAppend(run: ByteBuffer, messageCount: Int, isLast: Bool) -> AppendOutcome {
        guard let outlet else { return .unsupported }
        var changes: [(topic: [UInt8], isSubscribe: Bool)] = []
        var messages = ByteBuffer()
        var messagesCount = 0
        run.forEachUpstreamMessage { topic, isSubscribe in
            changes.append((Array(topic), isSubscribe))
        } onMessage: { message in
            messages.writeImmutableBuffer(message)
            messagesCount += 1
        }
        if messagesCount > 0 {
            switch outlet.append(messages, messageCount: messagesCount, countRefused: isLast) {
            case .queued: break
            case .queuedFirst: home.execute { self.drainOutlet() }
            case .full: return .full
            case .closed: return .closed
            }
        }
        guard !changes.isEmpty else { return .queued }
        home.execute { [changes] in
            for change in changes {
                try? self.change([change.topic], isSubscribe: change.isSubscribe)
            }
        }
        return .queued
    }

    func drainOutlet() {
        home.assertInEventLoop()
        guard let chunk = outlet?.take() else { return }
        sendUpstream(chunk)
        // Later, so that a fast sender does not keep the loop from its sockets.
        home.execute { self.drainOutlet() }
    }

    /// To every publisher; an XPUB there reads it. One that does not keep up misses messages, and they are counted.
    private func sendUpstream(_ chunk: SendQueue.Chunk) {
        if publishers.isEmpty { unsentMessageCount += chunk.messageCount }
        chunk.buffer.withUnsafeReadableBytes { bytes in
            for publisher in publishers {
                _ = publisher.outbox.append(
                    chunk.buffer,
                    bytes,
                    0..<bytes.count,
                    messageCount: chunk.messageCount,
                    policy: .dropNewest
                )
                publisher.drain()
            }
        }
    }

    /// Totals over the publishers, present and past.
    func droppedMessageCount() -> EventLoopFuture<Int> {
        home.submit {
            self.publishers.reduce(self.droppedByGone) {
                $0 + $1.outbox.counters.droppedMessageCount
            }
        }
    }

    /// Distinct topics that are asked for.
    func countTopics() -> EventLoopFuture<Int> { home.submit { self.interest.topicCount } }

    func countUnsentMessages() -> EventLoopFuture<Int> {
        home.submit { self.unsentMessageCount }
    }

    func countLimitDisconnects() -> EventLoopFuture<Int> {
        home.submit { self.limitDisconnectCount }
    }
}

// MARK: - From the connections

extension SubscribeCore: ConnectionHandler {
    func connectionDidEstablish(_ connection: Connection, peer: RemotePeer) {
        home.assertInEventLoop()
        publishers.append(connection)
        // All of them, outside of every queue limit: libzmq loses subscriptions here (libzmq#4064).
        var frames: [UInt8] = []
        interest.forEachTopic {
            peer.subscriptionForm.append(topic: $0, isSubscribe: true, to: &frames)
        }
        connection.sendControl(frames)
    }

    func connection(_ connection: Connection, didReceive run: ByteBuffer, messageCount: Int) {
        receive(run, messageCount: messageCount, from: PeerID(connection))
    }

    func connection(_ connection: Connection, isOffered bypass: any StreamBypass) -> Bool {
        home.assertInEventLoop()
        // What is not looked at on its way has no bound on its size.
        guard !inverts, !isFiltering || interest.isEverything, messageByteCountMax == .max,
            let link = bypass as? QueueLink, publishers.contains(where: { $0 === connection })
        else { return false }
        return mailbox.open(link, from: PeerID(connection))
    }

    /// Passes on what was asked for.
    func receive(_ run: ByteBuffer, messageCount: Int, from peer: PeerID) {
        home.assertInEventLoop()
        guard isFiltering else { return deliver(run, messageCount: messageCount, from: peer) }
        var wanted: [(Range<Int>, Int)] = []
        run.withUnsafeReadableBytes { bytes in
            wanted =
                interest.isEverything && !inverts
                ? [(0..<bytes.count, messageCount)] : filter(bytes)
        }
        for (range, count) in wanted {
            guard
                let slice = run.getSlice(
                    at: run.readerIndex + range.lowerBound,
                    length: range.count
                )
            else { continue }
            deliver(slice, messageCount: count, from: peer)
        }
    }

    func connection(_ connection: Connection, didReceive command: PeerCommand) {
        guard command.subscription != nil else { return }
        connection.close(.misbehaviour("a publisher sent a subscription"))
    }

    func connectionDidEndRead(_ connection: Connection) {}

    func connectionDidDrain(_ connection: Connection) {}

    func connectionDidClose(_ connection: Connection, reason: DisconnectReason) {
        home.assertInEventLoop()
        if case .limit = reason { limitDisconnectCount += 1 }
        guard let index = publishers.firstIndex(where: { $0 === connection }) else { return }
        publishers.remove(at: index)
        mailbox.endLink(from: PeerID(connection))
        mailbox.detach(PeerID(connection))
        droppedByGone += connection.outbox.counters.droppedMessageCount
    }

    private func deliver(_ run: ByteBuffer, messageCount: Int, from peer: PeerID) {
        guard !mailbox.append(run, messageCount: messageCount, from: peer) else { return }
        setReading(false, from: peer)
    }

    /// The stretches of messages that match a subscription, with their counts.
    private func filter(_ bytes: UnsafeRawBufferPointer) -> [(Range<Int>, Int)] {
        var stretches: [(Range<Int>, Int)] = []
        var walker = MessageWalker(bytes)
        var start = 0
        var count = 0
        while walker.next() {
            let topic = UnsafeRawBufferPointer(rebasing: bytes[walker.topic])
            if interest.isWanted(topic) != inverts {
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
