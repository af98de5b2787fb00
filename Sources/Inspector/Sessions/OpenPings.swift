/// The PINGs of one side that the other has not answered yet; the last of them.
struct OpenPings {
    private var pings: [(context: [UInt8], nanoseconds: Int64)] = []

    mutating func append(_ context: [UInt8], at nanoseconds: Int64) {
        if pings.count >= Self.countMax { pings.removeFirst() }
        pings.append((context, nanoseconds))
    }

    /// When the PING was sent that this answers; neither it nor those before it are open any more.
    mutating func close(_ context: [UInt8]) -> Int64? {
        guard let index = pings.firstIndex(where: { $0.context == context }) else { return nil }
        defer { pings.removeFirst(index + 1) }
        return pings[index].nanoseconds
    }

    private static let countMax = 16
}
