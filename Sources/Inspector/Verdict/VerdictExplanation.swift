import Rendering
import TreeBuilder

/// The last stage of a verdict: what all that amounts to, as reasons that a reader understands.
struct VerdictExplanation {
    let basis: VerdictBasis
    let placement: TrackPlacement
    private let messageCount: Int
    private let receivers: [Verdict.Receiver]
    private let hops: [Verdict.Hop]
    private let ambiguousLossCount: Int
    /// Failures first, then doubts, then notes.
    private(set) var reasons: [Verdict.Reason] = []

    var targets: [VerdictTarget] { placement.targets }

    init(
        _ basis: VerdictBasis,
        _ placement: TrackPlacement,
        messageCount: Int,
        _ judge: VerdictJudge
    ) {
        self.basis = basis
        self.placement = placement
        self.messageCount = messageCount
        receivers = judge.receivers
        hops = judge.hops.hops
        ambiguousLossCount = judge.ambiguousLossCount
        for (receiver, target) in zip(receivers, targets) {
            explainLosses(receiver)
            explainDoubts(receiver, target)
            explainManner(receiver, target)
        }
        explainCoverage()
        let order: [Verdict.Reason.Effect] = [.failure, .doubt, .note]
        reasons = order.flatMap { effect in reasons.filter { $0.effect == effect } }
    }

    var outcome: Verdict.Outcome {
        switch reasons.first?.effect {
        case .failure: .notAsPlanned
        case .doubt: .undecided
        case .note, nil: .asPlanned
        }
    }

    mutating func add(
        _ effect: Verdict.Reason.Effect,
        _ code: String,
        _ text: String,
        count: Int = 1
    ) {
        reasons.append(Verdict.Reason(effect, code, text, count: count))
    }

    private mutating func explainLosses(_ receiver: Verdict.Receiver) {
        guard receiver.lostCount > 0 else { return }
        var hops: [(text: String, count: Int)] = []
        for loss in receiver.losses {
            if let known = hops.firstIndex(where: { $0.text == loss.hop }) {
                hops[known].count += loss.count
            } else {
                hops.append((loss.hop, loss.count))
            }
        }
        hops.sort { $0.count > $1.count }
        let first = hops.first.map { "; first missing at \($0.text)" } ?? ""
        let others = hops.count > 1 ? " and \(hops.count - 1) other hops" : ""
        let noun = receiver.expectedCount == 1 ? "message" : "messages"
        add(
            .failure,
            "lost",
            "\(Figures.count(receiver.lostCount)) of \(Figures.count(receiver.expectedCount)) "
                + "\(noun) never reached \(receiver.name)\(first)\(others)",
            count: receiver.lostCount
        )
    }

    private mutating func explainManner(_ receiver: Verdict.Receiver, _ target: VerdictTarget) {
        if receiver.duplicatedCount > 0 {
            add(
                .failure,
                "duplicated",
                "\(Figures.count(receiver.duplicatedCount)) messages reached \(receiver.name) "
                    + "more than once",
                count: receiver.duplicatedCount
            )
        }
        if receiver.reorderedCount > 0 {
            let before = basis.map == nil ? targets.first?.name ?? "" : "the root"
            add(
                basis.map == nil ? .note : .failure,
                "reordered",
                "\(Figures.count(receiver.reorderedCount)) messages reached \(receiver.name) "
                    + "behind later ones: not in the order of \(before)",
                count: receiver.reorderedCount
            )
        }
        if receiver.lateCount > 0, let limit = basis.options.lateNanoseconds {
            add(
                .failure,
                "late",
                "\(Figures.count(receiver.lateCount)) messages reached \(receiver.name) later "
                    + "than \(Figures.duration(limit)); the latest took "
                    + Figures.duration(receiver.latency.maximum),
                count: receiver.lateCount
            )
        }
        if receiver.repairedCount > 0 {
            add(
                .note,
                "repaired",
                "\(Figures.count(receiver.repairedCount)) messages reached \(receiver.name) by "
                    + "a repair",
                count: receiver.repairedCount
            )
        }
        for server in target.otherServers { explainServer(server, receiver, target) }
    }

    private mutating func explainServer(
        _ server: String,
        _ receiver: Verdict.Receiver,
        _ target: VerdictTarget
    ) {
        let tree = target.tree.flatMap { basis.map?.plan.trees[$0] }
        let backups = tree?.nodes.first { $0.id == target.name }?.backups ?? []
        let planned = receiver.parent.map { "'\($0)'" } ?? "nobody"
        if backups.contains(server) {
            add(
                .note,
                "backup-parent",
                "\(receiver.name) was served by its backup parent '\(server)' instead of \(planned)"
            )
        } else {
            add(
                .failure,
                "other-parent",
                "\(receiver.name) was served by '\(server)'; the plan says \(planned)"
            )
        }
    }

    private mutating func explainDoubts(_ receiver: Verdict.Receiver, _ target: VerdictTarget) {
        if target.feeds.contains(where: \.isEncrypted) {
            return add(
                .doubt,
                "encrypted",
                "what \(receiver.name) gets is encrypted: its messages cannot be compared"
            )
        }
        for server in target.presumedServers {
            add(
                .doubt,
                "unidentified",
                "\(server) serves somebody at the address of \(receiver.name), whose parent it is not: "
                    + "the node or a subscriber beside it, which cannot be told because the connection "
                    + "began before the capture; \(Self.remedy)"
            )
        }
        guard receiver.isObserved else { return explainAbsence(receiver, target) }
        if basis.map != nil, target.tap != nil, target.feeds.isEmpty, target.parent != nil {
            explainSilence(receiver)
        }
        explainUndecided(receiver)
        if receiver.inFlightCount > 0 {
            add(
                .note,
                "in-flight",
                "\(Figures.count(receiver.inFlightCount)) messages to \(receiver.name) may have "
                    + "been on their way when its capture or its connection ended",
                count: receiver.inFlightCount
            )
        }
        if receiver.beforeJoinCount > 0 {
            add(
                .note,
                "before-join",
                "\(Figures.count(receiver.beforeJoinCount)) messages passed before "
                    + "\(receiver.name) had joined",
                count: receiver.beforeJoinCount
            )
        }
        let hop = hops.first {
            $0.to == receiver.name && $0.from == receiver.parent && $0.tree == receiver.tree
        }
        if messageCount > 0, receiver.parent != nil, receiver.unwantedCount == 0,
            receiver.lostCount == 0, hop?.carriedCount == 0
        {
            add(
                .doubt,
                "nothing-in-common",
                "\(receiver.name) has no messages in common with \(receiver.parent ?? "others")"
            )
        }
    }

    private mutating func explainUndecided(_ receiver: Verdict.Receiver) {
        let ofCapture =
            receiver.undecidedCount - receiver.interestUnknownCount - receiver.pendingCount
            - receiver.unseenWayCount
        let expected = Figures.count(receiver.expectedCount)
        if ofCapture > 0 {
            add(
                .doubt,
                "uncertain",
                "\(Figures.count(ofCapture)) of \(expected) messages are not in the capture of "
                    + "\(receiver.name), which has gaps there or dropped packets; capture with a "
                    + "larger buffer or a filter",
                count: ofCapture
            )
        }
        if receiver.interestUnknownCount > 0 {
            add(
                .doubt,
                "interest-unknown",
                "\(Figures.count(receiver.interestUnknownCount)) of \(expected) messages did not reach "
                    + "\(receiver.name), and whether it wanted them is not known: it subscribed before "
                    + "the capture began; \(Self.remedy)",
                count: receiver.interestUnknownCount
            )
        }
        if receiver.pendingCount > 0 {
            add(
                .doubt,
                "pending",
                "\(Figures.count(receiver.pendingCount)) of \(expected) messages had not reached "
                    + "\(receiver.name) when its capture ended, up to 10 s after they were sent: late "
                    + "or lost; a longer capture tells",
                count: receiver.pendingCount
            )
        }
        if receiver.unseenWayCount > 0 {
            add(
                .doubt,
                "way-unseen",
                "\(Figures.count(receiver.unseenWayCount)) messages were published below "
                    + "\(receiver.name), and no capture shows the whole way up to it; capture there",
                count: receiver.unseenWayCount
            )
        }
    }

    static let remedy =
        "a capture that runs when it connects tells: restart it while capturing, or capture first"

    private mutating func explainCoverage() {
        let midstream = Set(
            placement.tracks.filter { !$0.isPGM && $0.track.isInMidflow && $0.messageCount > 0 }
                .map(\.track.flow)
        )
        if !midstream.isEmpty {
            add(
                .note,
                "mid-flow",
                "\(Figures.count(midstream.count, "connection")) began before the capture: judged "
                    + "from the first whole message in it on",
                count: midstream.count
            )
        }
        if messageCount == 0 {
            add(.doubt, "no-messages", "the captures hold no message that could be compared")
        }
        if placement.unplacedTrackCount > 0 {
            add(
                receivers.contains { $0.deliveredCount > 0 } ? .note : .doubt,
                "not-in-plan",
                "no endpoint of the plan has \(Figures.count(placement.unplacedMessageCount, "message")) of "
                    + Figures.count(placement.unplacedTrackCount, "flow"),
                count: placement.unplacedMessageCount
            )
        }
        if placement.leftOutTargetCount > 0 {
            add(
                .doubt,
                "left-out",
                "\(Figures.count(placement.leftOutTargetCount, "connection")) of further subscribers not judged",
                count: placement.leftOutTargetCount
            )
        }
        if ambiguousLossCount > 0 {
            add(
                .note,
                "ambiguous",
                "\(Figures.count(ambiguousLossCount)) of the lost messages have contents that "
                    + "occur more than once: how many are missing is certain, which of them is not",
                count: ambiguousLossCount
            )
        }
        for receiver in receivers where receiver.clock?.method == .oneWay {
            add(
                .note,
                "clock-one-way",
                "the clock of \(receiver.name) could be compared one way only: its latencies "
                    + "are those above the shortest"
            )
        }
        let unjoined = receivers.filter { receiver in
            receiver.isObserved && receiver.clock == nil && receiver.deliveredCount > 0
        }
        if basis.options.lateNanoseconds != nil, !unjoined.isEmpty {
            add(
                .doubt,
                "clock-unknown",
                "nothing joins the clock of \(unjoined[0].name) to the others: whether messages "
                    + "are late cannot be told"
            )
        }
    }
}
