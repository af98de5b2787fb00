import Simulation

/// Random wishes and accidents.
extension Fleet {
    /// Overlapping beginnings inside and across the trees' prefixes.
    static let subscriptionTopics = [
        "", "m", "md", "md.", "md.e", "md.eq.", "md.f", "md.fx.", "md.fx.e", "md.fx.eur", "w",
        "weather.", "x",
    ].map { Array($0.utf8) }

    static let messageTopics = [
        "m", "md", "md.eq.sie", "md.f", "md.fx.eurusd", "md.fx.gbp", "weather.oslo", "x", "other",
    ].map { Array($0.utf8) }

    /// Some steps of anything, with the network running on between them.
    func churn(steps: Int) {
        for _ in 0..<steps {
            step()
            run(eventCountMax: Int.random(in: 0...12, using: &network.generator))
        }
    }

    private func step() {
        switch Int.random(in: 0..<100, using: &network.generator) {
        case 0..<40: changeSubscription()
        case 40..<80: publishAnything()
        case 80..<86: crashSubscriber()
        case 86..<89: crashPublisher()
        case 89..<91: cutLink()
        case 91..<94: healLinks()
        case 94..<96: putSubscriberToSleep()
        case 96: crashRandomRelay()
        case 97: publishAtSubscriber()
        default: restartRelays()
        }
    }

    private func changeSubscription() {
        guard let number = subscribers.indices.randomElement(using: &network.generator),
            let topic = Self.subscriptionTopics.randomElement(using: &network.generator)
        else { return }
        let isSubscribe = Bool.random(using: &network.generator)
        let held = subscribers[number].wanted[topic, default: 0]
        if isSubscribe {
            subscribers[number].wanted[topic] = held + 1
        } else if held > 0 {
            subscribers[number].wanted[topic] = held == 1 ? nil : held - 1
        }
        // As libzmq does: every subscription, and only the last cancellation. One of what is not held must change nothing.
        if isSubscribe || held <= 1, let connection = subscribers[number].connection {
            network.send(
                .subscription(topic, isSubscribe: isSubscribe),
                on: connection,
                from: subscribers[number].node
            )
        }
    }

    private func publishAnything() {
        guard let number = publishers.indices.randomElement(using: &network.generator),
            let topic = Self.messageTopics.randomElement(using: &network.generator)
        else { return }
        publish(topic, by: number)
    }

    func publish(_ topic: [UInt8], by number: Int) {
        let message = FleetMessage(
            publisher: number,
            sequence: publishers[number].nextSequence,
            topic: topic
        )
        publishers[number].nextSequence += 1
        guard let connection = publishers[number].connection,
            publishers[number].isAsked(for: topic)
        else { return }
        send(.message(message), on: connection, from: publishers[number].node)
    }

    /// An XSUB sends a message where only subscriptions are expected.
    private func publishAtSubscriber() {
        guard let subscriber = subscribers.randomElement(using: &network.generator),
            let connection = subscriber.connection
        else { return }
        let message = FleetMessage(publisher: 0, sequence: 0, topic: [7])
        send(.message(message), on: connection, from: subscriber.node)
    }

    /// It comes back with the wishes it had, or as somebody new with none.
    private func crashSubscriber() {
        guard let number = subscribers.indices.randomElement(using: &network.generator) else {
            return
        }
        network.crash(subscribers[number].node)
        network.restart(subscribers[number].node)
        subscribers[number].connection = nil
        if Bool.random(using: &network.generator) { subscribers[number].wanted = [:] }
        dial(.subscriber(number))
    }

    func putSubscriberToSleep() {
        guard let number = subscribers.indices.randomElement(using: &network.generator) else {
            return
        }
        let time = Int.random(in: 1...500, using: &network.generator)
        sleep(number, for: .milliseconds(time))
    }

    private func crashPublisher() {
        guard let number = publishers.indices.randomElement(using: &network.generator) else {
            return
        }
        network.crash(publishers[number].node)
        network.restart(publishers[number].node)
        publishers[number].connection = nil
        publishers[number].asked = [:]
        dial(.publisher(number))
    }

    private func cutLink() {
        guard let tree = shape.trees.randomElement(using: &network.generator),
            let child = relayNodes.indices.randomElement(using: &network.generator),
            let parent = tree.parents[child]
        else { return }
        network.cut(relayNodes[child], relayNodes[parent])
    }

    func healLinks() {
        for tree in shape.trees {
            for (child, parent) in tree.parents.enumerated() {
                if let parent { network.heal(relayNodes[child], relayNodes[parent]) }
            }
        }
    }

    private func crashRandomRelay() {
        let number = Int.random(in: relays.indices, using: &network.generator)
        if network.isUp(relayNodes[number]) { crashRelay(number) }
        // Now and then it is back at once, before anybody has noticed.
        if Bool.random(using: &network.generator) { restartRelay(number) }
    }

    func restartRelays() {
        for number in relays.indices where !network.isUp(relayNodes[number]) {
            restartRelay(number)
        }
    }

    /// Ends all accidents and lets everything come to rest.
    func settle() {
        healLinks()
        restartRelays()
        run()
    }
}
