@testable import Routing

/// What must be true when everything has come to rest: the model's `check_final`.
extension LinkWorld {
    func judge() {
        guard violations.isEmpty else { return }
        let roots = hosts.filter { $0.isUp && $0.link.isRoot }
        guard let root = roots.first, roots.count == 1 else {
            let mayStand =
                roots.isEmpty && (scenario.mayEnd || arbiter.hasErred)
                && !arbiter.service.contains { hosts[$0].isUp }
            if mayStand { return hosts.filter(\.isUp).forEach(judgeOrder) }
            return violate(
                "stuck without one root: \(hosts.map { "\($0.name) \($0.isUp ? "\($0.link.state.role)" : "dead")" })"
            )
        }
        if root.link.position.number != root.link.state.ring.last {
            violate("stuck: the root holds back what is behind \(root.link.position)")
        }
        for host in hosts where host.isUp && host.number != root.number {
            if !host.link.isAttached {
                violate("stuck: \(host.name) is \(host.link.state.role)")
            } else if host.link.position != root.link.position {
                violate(
                    "stuck: \(host.name) is at \(host.link.position), the root at \(root.link.position)"
                )
            }
        }
        guard violations.isEmpty else { return }
        let order = (1...max(1, root.link.position.number)).compactMap { root.ring[$0] }
        judgeLosses(order)
        for host in hosts where host.isUp {
            judgeOrder(host)
            judge(host, order)
            judgeLate(host, root)
        }
    }

    private func judgeLosses(_ order: [LinkMessage]) {
        let all = Set(order)
        if all.count != order.count { violate("the tree's order has a message twice: \(order)") }
        for (node, messages) in published.sorted(by: { $0.key < $1.key }) {
            let safeCount = hosts[node].isUp ? messages.count : safe[node] ?? 0
            // What a publisher handed to a relay that was started again is not promised.
            let hasRestarted = hosts[node].isUp && safe[node] != nil
            for message in messages.prefix(hasRestarted ? safe[node] ?? 0 : safeCount)
            where !all.contains(message) {
                violate("lost: \(message) of \(name(node))")
            }
        }
    }

    private func judgeOrder(_ host: LinkHost) {
        for node in published.keys.sorted() {
            let one = host.first.received.filter { $0.publisher == node }
            if one != one.sorted() {
                violate("\(host.name): the order of \(name(node)) is broken: \(one)")
            }
        }
    }

    private func judge(_ host: LinkHost, _ order: [LinkMessage]) {
        let topics = host.first.topics
        let wanted = order.filter { message in topics.contains { message.topic.starts(with: $0) } }
        let got = host.first.received
        let setBack = host.reports.contains { report in
            if case .setBack = report { return true }
            return false
        }
        if setBack, scenario.isStrict, !scenario.clients.contains(host.number) {
            return violate("\(host.name) was set back: got \(got), wanted \(wanted)")
        }
        if safe[host.number] != nil {
            // Started again: its subscribers came back with it, and have an end of the order.
            let extra = setBack ? got.filter { isOfTheDead($0, but: wanted) } : []
            let rest = got.filter { !extra.contains($0) }
            if rest.sorted() != wanted.suffix(rest.count).sorted()
                || extra.isEmpty && rest != wanted.suffix(rest.count)
            {
                violate("\(host.name) got \(got) of \(wanted)")
            }
        } else if host.first.isGone {
            if got != Array(wanted.prefix(got.count)) {
                violate("\(host.name) got \(got), not the beginning of \(wanted)")
            }
        } else if setBack || scenario.timersErr {
            // Nothing lost, nothing twice; it may have what died with a relay.
            let extra = got.filter { isOfTheDead($0, but: wanted) }
            let rest = got.filter { !extra.contains($0) }
            if rest.sorted() != wanted.sorted() {
                violate("\(host.name), set back, got \(got), not \(wanted)")
            }
        } else if got != wanted {
            violate("\(host.name) got \(got), not \(wanted)")
        }
    }

    /// What a relay that died had taken from its publisher, and has not reached the tree that is left.
    private func isOfTheDead(_ message: LinkMessage, but wanted: [LinkMessage]) -> Bool {
        !wanted.contains(message)
            && (!hosts[message.publisher].isUp || safe[message.publisher] != nil)
    }

    /// From where its topic was in effect, a late subscriber has everything.
    private func judgeLate(_ host: LinkHost, _ root: LinkHost) {
        guard let late = host.late else { return }
        guard let first = late.inEffectFrom else {
            return violate("stuck: \(host.name)'s late subscriber waits")
        }
        let last = root.link.position.number
        guard first <= last else { return }
        let wanted = (first...last).compactMap { root.ring[$0] }.filter { late.wants($0.topic) }
        let got = late.numbered.filter { $0.number >= first }.map(\.message)
        if got != wanted {
            violate("\(host.name)'s late subscriber got \(got) from \(first) on, not \(wanted)")
        }
    }
}
