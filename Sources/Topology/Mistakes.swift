/// The mistakes found in one file so far.
///
/// A reader goes on after a mistake that does not confuse what follows, so that its user mends the
/// whole file at once. It stops listening at `countMax`: a file of junk is one mistake many times.
struct Mistakes {
    static let countMax = 20

    let file: String
    private(set) var found: [TopologyError] = []

    init(file: String) {
        self.file = file
    }

    var isFull: Bool { found.count >= Self.countMax }

    mutating func add(_ message: String, at position: SourcePosition?) {
        let mistake = TopologyError(file: file, position: position, message: message)
        // A wrong default is met at every item it applies to and is still one mistake.
        guard !isFull, !found.contains(mistake) else { return }
        found.append(mistake)
    }

    /// Throws what was found, in the order of the file; returns when nothing was.
    func check() throws(TopologyError) {
        // A stable order: mistakes without a place first, then by line and column, then as found.
        let sorted = found.enumerated().sorted { a, b in
            let (x, y) = (a.element.position, b.element.position)
            let left = (x?.line ?? 0, x?.column ?? 0, a.offset)
            let right = (y?.line ?? 0, y?.column ?? 0, b.offset)
            return left < right
        }.map(\.element)
        guard var first = sorted.first else { return }
        first.others = Array(sorted.dropFirst())
        throw first
    }
}
