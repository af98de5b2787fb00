import Glibc

/// A capture that cannot be opened or read at all, and what to do about it.
public struct CaptureError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file or interface.
    public var source: String
    public var problem: String

    public init(source: String, problem: String) {
        self.source = source
        self.problem = problem
    }

    init(source: String, errno code: Int32) {
        self.init(source: source, problem: String(cString: strerror(code)))
    }

    public var description: String { "\(source): \(problem)" }
}
