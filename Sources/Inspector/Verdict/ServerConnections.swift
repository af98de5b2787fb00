/// The connections to a node's subscribers' endpoint: whether it is known whose they are, and since when.
struct ServerConnections {
    private var flows: Set<Int> = []
    private var midstreamFlows: Set<Int> = []
    private var unidentifiedFlows: Set<Int> = []
    /// When the first of them was seen, and on which clock.
    private(set) var first: (nanoseconds: Int64, clock: Int)?

    mutating func note(_ view: VerdictTrack, isIdentified: Bool) {
        let flow = view.track.flow
        flows.insert(flow)
        if !view.track.hasOpening { midstreamFlows.insert(flow) }
        if !isIdentified { unidentifiedFlows.insert(flow) }
        guard let seen = view.track.seenNanoseconds else { return }
        if first.map({ seen.lowerBound < $0.nanoseconds }) ?? true {
            first = (seen.lowerBound, view.clock)
        }
    }

    /// Those that began before the capture.
    var midstreamCount: Int { midstreamFlows.count }
    /// Those of which neither READY nor an address says who connected.
    var unidentifiedCount: Int { unidentifiedFlows.count }
}
