/// Which interfaces of a capture are one place. What one place saw is one story: numbers, requests and repairs of it belong together.
public struct CapturePlaces: Sendable, Equatable {
    /// The interface after which an interface's place is named. Those that are not in here follow `joinsOthers`.
    public var representatives: [Int: Int]
    /// The others are one place, not one each.
    public var joinsOthers: Bool

    public init(representatives: [Int: Int] = [:], joinsOthers: Bool = false) {
        self.representatives = representatives
        self.joinsOthers = joinsOthers
    }

    /// Every interface is a place of its own; later sections go on with the interfaces of the first.
    public static let each = CapturePlaces()
    /// All interfaces are one place.
    public static let one = CapturePlaces(joinsOthers: true)

    /// Makes these interfaces places of their own.
    public mutating func separate(_ interfaces: some Sequence<Int>) {
        for interface in interfaces { representatives[interface] = interface }
    }

    /// The place of a packet that came through `interface`, which may go on with `continued` of an earlier section.
    func place(of interface: Int, continuing continued: Int) -> Int {
        if let place = representatives[interface] ?? representatives[continued] { return place }
        return joinsOthers ? restPlace : continued
    }

    /// The lowest number that no place told apart has.
    private var restPlace: Int {
        let taken = Set(representatives.values)
        return (0...taken.count).first { !taken.contains($0) } ?? taken.count
    }
}
