/// How often something happened, and when first and last.
public struct Occurrences: Sendable, Equatable {
    public private(set) var count = 0
    public private(set) var firstNanoseconds: Int64?
    public private(set) var lastNanoseconds: Int64?

    public init() {}

    @inline(__always)
    mutating func note(at nanoseconds: Int64) {
        count += 1
        if firstNanoseconds == nil { firstNanoseconds = nanoseconds }
        lastNanoseconds = nanoseconds
    }
}
