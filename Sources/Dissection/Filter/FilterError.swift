/// A filter that cannot be understood: where, and what could stand there.
public struct FilterError: Error, Equatable, Sendable, CustomStringConvertible {
    public var text: String
    /// Counted in characters from 0.
    public var offset: Int
    public var problem: String

    /// The problem, then the filter with a mark below the place.
    public var description: String {
        "\(problem)\n    \(text)\n    \(String(repeating: " ", count: offset))^"
    }
}
