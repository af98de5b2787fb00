/// Guesses what a mistyped word was meant to be.
package enum Spelling {
    /// The longest list searched: a guess is a courtesy and must stay cheap on large files.
    static let candidateCountMax = 2_000

    /// `; did you mean "oslo"?`, or nothing when no candidate is near.
    static func suggestion(for word: String, among candidates: some Sequence<String>) -> String {
        guard let nearest = nearest(to: word, among: candidates) else { return "" }
        return "; did you mean \(quoted(nearest))?"
    }

    /// The candidate with the least edit distance, if that is at most a third of the word; the
    /// first of equals.
    package static func nearest(to word: String, among candidates: some Sequence<String>) -> String?
    {
        let folded = fold(word)
        guard !folded.isEmpty, folded.count <= 64 else { return nil }
        var best: (word: String, distance: Int)?
        for candidate in candidates.prefix(candidateCountMax) {
            let other = fold(candidate)
            guard other.count <= 64 else { continue }
            let distance = distance(folded, other)
            let limit = min(folded.count, other.count) / 3
            if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.word
    }

    /// Letters without case and separators: `maxChildren`, `max_children` and `max-children` are
    /// one word.
    private static func fold(_ word: String) -> [Character] {
        word.lowercased().filter { $0 != "-" && $0 != "_" && $0 != " " }
    }

    /// Edits (insert, delete, replace, swap two neighbours) that turn `a` into `b`: the optimal
    /// string alignment distance, row by row.
    private static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var beforePrevious: [Int] = []
        var previous = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var row = [i + 1]
            for (j, y) in b.enumerated() {
                var cost = min(previous[j + 1] + 1, row[j] + 1, previous[j] + (x == y ? 0 : 1))
                if i > 0, j > 0, x == b[j - 1], a[i - 1] == y {
                    cost = min(cost, beforePrevious[j - 1] + 1)
                }
                row.append(cost)
            }
            (beforePrevious, previous) = (previous, row)
        }
        return previous[b.count]
    }
}
