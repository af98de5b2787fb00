import Dissection

/// Finds the files that one capture was written in.
///
/// ```
///   by a tool's pattern ──┐
///   by tcpdump's number ──┼──▶ of one kind? one after the other in time? ──▶ one capture, in the order of times
///   by a bare number ─────┘    (bare numbers also: ascending without a hole, each soon after the one before)
/// ```
///
/// Captures that were taken at the same time are never one, whatever their names.
struct CaptureGrouping {
    /// Captures, each in one file or several; in the order of the first of their files.
    private(set) var captures: [[String]] = []

    private struct Candidate {
        var path: String
        var name: RotatedName
        /// Where it was among the paths.
        var index: Int
    }

    init(_ paths: [String]) {
        var rest = paths.enumerated().map { index, path in
            let start = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
            return Candidate(path: path, name: RotatedName(String(path[start...])), index: index)
        }
        var groups: [[Candidate]] = []
        func collect(_ key: (Candidate) -> String?, isLoose: Bool) {
            for family in Self.families(rest, key) {
                guard let series = Self.series(family, isLoose: isLoose) else { continue }
                groups.append(series)
                let taken = Set(series.map(\.index))
                rest.removeAll { taken.contains($0.index) }
            }
        }
        collect({ $0.name.pattern }, isLoose: false)
        collect({ $0.name.base }, isLoose: false)
        collect({ $0.name.numbered }, isLoose: true)
        groups += rest.map { [$0] }
        captures = groups.sorted { left, right in
            (left.map(\.index).min() ?? 0) < (right.map(\.index).min() ?? 0)
        }.map { $0.map(\.path) }
    }

    /// One capture of all regular files, in the order of their times, whatever they are called.
    static func joined(_ paths: [String]) -> [[String]] {
        let regular = paths.filter { regularByteCount($0) != nil }
        let times = regular.map { path in (try? CaptureSpan(beginningOf: path))?.first ?? .max }
        let ordered = zip(regular, times).enumerated().sorted { left, right in
            left.element.1 != right.element.1
                ? left.element.1 < right.element.1 : left.offset < right.offset
        }
        let captures = [ordered.map(\.element.0)].filter { !$0.isEmpty }
        return captures + paths.filter { !regular.contains($0) }.map { [$0] }
    }

    /// Files of one folder and one key, if there are several.
    private static func families(
        _ candidates: [Candidate],
        _ key: (Candidate) -> String?
    ) -> [[Candidate]] {
        var families: [(key: String, members: [Candidate])] = []
        for candidate in candidates where candidate.path != "-" {
            guard let name = key(candidate) else { continue }
            let slash = candidate.path.lastIndex(of: "/")
            let key = (slash.map { String(candidate.path[...$0]) } ?? "") + name
            if let index = families.firstIndex(where: { $0.key == key }) {
                families[index].members.append(candidate)
            } else {
                families.append((key, [candidate]))
            }
        }
        return families.map(\.members).filter { $0.count > 1 }
    }

    /// The files in order, or `nil` when they are no series.
    private static func series(_ family: [Candidate], isLoose: Bool) -> [Candidate]? {
        // The same file twice is two captures, as the user wished.
        guard Set(family.map(\.path)).count == family.count else { return nil }
        var members: [(candidate: Candidate, span: CaptureSpan)] = []
        for candidate in family {
            // What cannot be read says so when its turn comes, by itself; a compressed copy beside its file is another capture.
            guard !members.contains(where: { $0.candidate.name == candidate.name }),
                regularByteCount(candidate.path) != nil,
                let span = try? CaptureSpan(candidate.path)
            else { continue }
            members.append((candidate, span))
        }
        guard members.count > 1, Set(members.map(\.span.format)).count == 1,
            Set(members.compactMap(\.span.linkType)).count <= 1
        else { return nil }
        let ordered = inOrder(members)
        let filled = ordered.filter { $0.span.first != nil }
        for (earlier, later) in zip(filled, filled.dropFirst()) {
            guard let begin = later.span.first, let first = earlier.span.first else { return nil }
            let end = earlier.span.last ?? first
            guard begin >= end &- overlapNanosecondsMax, begin > first else { return nil }
            guard isLoose else { continue }
            guard later.candidate.name.number == earlier.candidate.name.number + 1,
                earlier.span.last != nil, begin &- end <= pauseNanosecondsMax
            else { return nil }
        }
        return ordered.map(\.candidate)
    }

    /// By time; files without packets stand where their number is.
    private static func inOrder(
        _ members: [(candidate: Candidate, span: CaptureSpan)]
    ) -> [(candidate: Candidate, span: CaptureSpan)] {
        let byNumber = members.sorted { $0.candidate.name.number < $1.candidate.name.number }
        var ordered = byNumber.filter { $0.span.first != nil }
            .sorted { ($0.span.first ?? 0) < ($1.span.first ?? 0) }
        for empty in byNumber where empty.span.first == nil {
            let index = ordered.lastIndex {
                $0.candidate.name.number < empty.candidate.name.number
            }
            ordered.insert(empty, at: index.map { $0 + 1 } ?? 0)
        }
        return ordered
    }

    /// Several interfaces, or the threads of a capturing tool, may write a little out of order.
    private static let overlapNanosecondsMax: Int64 = 1_000_000_000
    private static let pauseNanosecondsMax: Int64 = 60_000_000_000
}
