import Patterns
import Routing
import Simulation
import Testing

/// What must be true when nothing is under way.
extension Fleet {
    /// The topics a relay's branch must hold: its own subscribers' and its children's, found the slow way.
    func expectedBranch(of relay: Int, in tree: Int) -> Set<[UInt8]> {
        var topics = Set<[UInt8]>()
        for subscriber in subscribers where subscriber.relay == relay {
            for topic in subscriber.topics {
                for place in shape.places(of: topic) where place.tree == tree {
                    topics.insert(place.topic)
                }
            }
        }
        for child in shape.trees[tree].children(of: relay) {
            topics.formUnion(expectedBranch(of: child, in: tree))
        }
        return topics
    }

    /// Every branch, every demand and what every publisher was told are what the subscriptions say.
    func expectInterestIsRight(_ comment: Comment) {
        var everything = Set<[UInt8]>()
        for tree in shape.trees.indices {
            let wanted = expectedBranch(of: shape.trees[tree].root, in: tree)
            everything.formUnion(wanted)
            for relay in relays {
                let branch = topics {
                    relay.instance.interest.forEachBranchTopic(of: TreeID(tree), $0)
                }
                let expected = expectedBranch(of: relay.number, in: tree)
                #expect(
                    branch == expected.sorted(by: Self.precedes),
                    "branch of relay \(relay.number) in tree \(tree), \(comment)"
                )
                let demand = topics { relay.instance.interest.forEachDemand(of: TreeID(tree), $0) }
                #expect(
                    demand == wanted.sorted(by: Self.precedes),
                    "demand at relay \(relay.number) in tree \(tree), \(comment)"
                )
            }
        }
        for (number, publisher) in publishers.enumerated() {
            #expect(
                publisher.asked.values.allSatisfy { $0 == 1 },
                "publisher \(number) was asked twice, \(comment)"
            )
            #expect(
                publisher.asked.keys.sorted(by: Self.precedes)
                    == everything.sorted(by: Self.precedes),
                "what publisher \(number) was asked for, \(comment)"
            )
        }
    }

    /// Publishes a burst at every publisher; each subscriber must get exactly what matches, in each publisher's order.
    func expectDeliveryIsRight(messageCount: Int, _ comment: Comment) {
        for number in subscribers.indices { subscribers[number].received = [] }
        let unwantedBefore = relays.map(\.unwanted.count)
        // Slow readers cost time and nothing else.
        if shape.isBlocking { for _ in 0..<3 { putSubscriberToSleep() } }
        var sent: [FleetMessage] = []
        for number in publishers.indices {
            for _ in 0..<messageCount {
                let topic = Self.messageTopics.randomElement(using: &network.generator) ?? []
                sent.append(
                    FleetMessage(
                        publisher: number,
                        sequence: publishers[number].nextSequence,
                        topic: topic
                    )
                )
                publish(topic, by: number)
            }
        }
        run()
        let sentStreams = streams(of: sent)
        for (number, subscriber) in subscribers.enumerated() {
            let received = streams(of: subscriber.received)
            for (stream, messages) in sentStreams.enumerated() {
                let expected = messages.filter { subscriber.wants($0.topic) }
                // A macro's expansion here would be most of the test's time.
                guard received[stream] != expected else { continue }
                Issue.record(
                    "subscriber \(number) got \(received[stream]) and not \(expected), \(comment)"
                )
            }
        }
        #expect(
            relays.map(\.unwanted.count) == unwantedBefore,
            "a branch got what nobody in it wants, \(comment)"
        )
    }

    /// The messages of each publisher in each tree: a tree has one order, so two topics of one publisher may overtake each
    /// other when they are of two trees.
    private func streams(of messages: [FleetMessage]) -> [[FleetMessage]] {
        var streams = [[FleetMessage]](
            repeating: [],
            count: publishers.count * shape.trees.count
        )
        for message in messages {
            guard let tree = shape.tree(of: message.topic) else { continue }
            streams[message.publisher * shape.trees.count + tree].append(message)
        }
        return streams
    }

    /// Nobody got the same message twice.
    func expectNoDuplicates(_ comment: Comment) {
        for (number, subscriber) in subscribers.enumerated() {
            let distinct = Set(subscriber.received.map { [$0.publisher, $0.sequence] })
            #expect(
                distinct.count == subscriber.received.count,
                "subscriber \(number) got a message twice, \(comment)"
            )
        }
    }

    /// Half of the subscribers cancel, half crash; then nobody wants anything anywhere.
    func expectNothingIsLeft(_ comment: Comment) {
        for (number, subscriber) in subscribers.enumerated() {
            subscribers[number].wanted = [:]
            if number.isMultiple(of: 2) {
                network.crash(subscriber.node)
                continue
            }
            guard let connection = subscriber.connection else { continue }
            for topic in subscriber.topics {
                let packet = FleetPacket.subscription(topic, isSubscribe: false)
                network.send(packet, on: connection, from: subscriber.node)
            }
        }
        run()
        for relay in relays {
            #expect(relay.instance.interest.topicCount == 0, "relay \(relay.number), \(comment)")
            let demand = topics { relay.instance.interest.forEachDemand(of: nil, $0) }
            #expect(demand.isEmpty, "relay \(relay.number), \(comment)")
        }
        #expect(publishers.allSatisfy { $0.asked.isEmpty }, comment)
    }

    private func topics(
        _ forEach: ((UnsafeRawBufferPointer) -> Void) -> Void
    ) -> [[UInt8]] {
        var topics: [[UInt8]] = []
        forEach { topics.append(Array($0)) }
        return topics.sorted(by: Self.precedes)
    }

    private static func precedes(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        one.lexicographicallyPrecedes(other)
    }
}
