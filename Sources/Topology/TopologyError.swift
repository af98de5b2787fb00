/// A place in a source file; lines and columns count from 1, columns in Unicode scalars.
public struct SourcePosition: Equatable, Sendable {
    public var line: Int
    public var column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

/// Why a topology was refused: `file:line:column: message`, and the message says what to do.
public struct TopologyError: Error, Equatable, Sendable, CustomStringConvertible {
    public var file: String
    public var position: SourcePosition?
    public var message: String
    /// What else is wrong with the same file, so that one reading mends all of it; bounded.
    public var others: [TopologyError]

    public init(
        file: String,
        position: SourcePosition? = nil,
        message: String,
        others: [TopologyError] = []
    ) {
        self.file = file
        self.position = position
        self.message = message
        self.others = others
    }

    /// One line per mistake, each as `file:line:column: message`.
    public var description: String {
        ([headline] + others.map(\.headline)).joined(separator: "\n")
    }

    private var headline: String {
        guard let position else { return "\(file): \(message)" }
        return "\(file):\(position.line):\(position.column): \(message)"
    }
}
