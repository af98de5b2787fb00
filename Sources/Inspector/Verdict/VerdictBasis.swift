import TreeBuilder

/// What a verdict is made from: what the captures saw, and what the user said about them.
struct VerdictBasis {
    let log: MessageLog
    let captures: [CaptureReport]
    let options: VerdictOptions
    /// `nil` without a plan: then taps are compared with each other.
    let map: PlanMap?
    let tapNames: [String]
    let scale: TickScale

    init(log: MessageLog, captures: [CaptureReport], options: VerdictOptions) {
        self.log = log
        self.captures = captures
        self.options = options
        map = options.plan.map { PlanMap($0) }
        tapNames = options.tapNames
        scale = TickScale(log.tracks)
    }

    /// Clocks are numbered: first those of the taps, then those of the captures that no tap claims.
    var clockCount: Int { tapNames.count + captures.count }

    /// A tap has one clock, however many captures it took; `nil` for a place of no known capture.
    func knownClock(of place: Tap) -> Int? {
        if let tap = tapIndex(of: place) { return tap }
        return place.capture < captures.count ? tapNames.count + place.capture : nil
    }

    func clock(of place: Tap) -> Int { knownClock(of: place) ?? 0 }

    /// The captures that were taken on a clock.
    func captures(on clock: Int) -> [CaptureReport] {
        captures.indices.filter { self.clock(of: Tap(capture: $0, interface: 0)) == clock }
            .map { captures[$0] }
    }

    func tapIndex(of place: Tap) -> Int? { options.tapIndex(of: place, names: tapNames) }

    func treeName(_ tree: Int?) -> String? { tree.flatMap { map?.plan.trees[$0].name } }
}
