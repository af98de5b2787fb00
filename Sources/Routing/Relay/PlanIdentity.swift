/// Which plan a relay follows. Relays of one tree must follow the same: two plans make two trees that each look whole.
public struct PlanIdentity: Hashable, Sendable, CustomStringConvertible {
    /// A hash of what the plan decides, in hexadecimal digits: equal for equal plans, wherever they were made.
    public var id: String
    /// The operator's count of plans: of two different plans, the one with the higher epoch is the newer.
    public var epoch: Int

    public init(id: String, epoch: Int) {
        self.id = id
        self.epoch = epoch
    }

    /// Enough of the id to tell plans apart, and the epoch.
    public var description: String {
        "\(LinkClaim.printable(String(id.prefix(Self.shownDigitCount)))) (epoch \(epoch))"
    }

    private static let shownDigitCount = 12
}
