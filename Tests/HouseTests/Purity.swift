/// Words that a pure core must not say, and orders that it must not depend on.
struct Purity {
    struct Finding: Equatable {
        /// From 1.
        var line: Int
        var what: String
    }

    /// Time, chance and threads: all that would make a replay differ. Imports alone do not tell, since the standard library has them too.
    static func impureWords(in source: SwiftSource) -> [Finding] {
        var findings: [Finding] = []
        for (index, line) in source.lines.enumerated() where hints.contains(where: line.contains) {
            for (pattern, what) in words where line.contains(pattern.wordBoundaryKind(.simple)) {
                findings.append(Finding(line: index + 1, what: what))
            }
        }
        return findings
    }

    // Boundaries of words are simple ones everywhere: to Unicode's, the dot in `a.b` is none.

    /// Each of `words` holds one of these: few lines do, and asking for them is much cheaper than the patterns.
    private static let hints = [
        "Clock", "now", "sleep", "gettime", "andom", "shuffle", "Hasher", "hashValue", "Task",
        "actor", "await", "async", "Mutex", "Atomic", "Thread", "Dispatch", "pthread", "Date",
        "ProcessInfo", "environment",
    ]

    private static var words: [(Regex<Substring>, String)] {
        [
            (/\b(?:Continuous|Suspending)Clock\b|\bclock_gettime\b|\bgettimeofday\b/, "a clock"),
            (/\bDate\s*\(\s*\)|\b(?:Date|Instant|Clock)\.now\b/, "the present time"),
            (/\bsleep\s*\(/, "waiting"),
            (/\bSystemRandomNumberGenerator\b/, "chance without a seed"),
            (
                /\.(?:random|randomElement|shuffled|shuffle)\s*\((?![^)]*using:)/,
                "chance without a seed"
            ),
            (/\bHasher\s*\(|\.hashValue\b/, "hashes, whose seed differs in every process"),
            (#/\bTask(?:\.detached)?\s*[({]|\bTaskGroup\b|\bwithTaskGroup\b/#, "a task"),
            (/^\s*(?:\w+\s+)*actor\s+\w|\bawait\b|\basync\b/, "concurrency"),
            (/\bMutex\s*[<(]|\bAtomic\s*[<(]|\bpthread_\w|\bThread\b|\bDispatch\w+/, "threads"),
            (/\bProcessInfo\b|\bgetenv\b/, "the process's environment"),
        ]
    }

    /// Which names are dictionaries or sets, as far as declarations tell.
    struct UnorderedNames {
        /// By type, over all its files: what a bare name or `self.name` can mean.
        private var ofTypes: [String: Set<String>] = [:]
        /// By module: names that are arrays nowhere, so that `other.name` is known too.
        private var ofModules: [String: Set<String>] = [:]

        init(_ sources: [SwiftSource]) {
            var ordered: Set<String> = ["indices"]
            for source in sources {
                let names = Purity.names(in: source, declaredAs: Purity.unorderedDeclaration)
                ofTypes[Self.type(of: source), default: []].formUnion(names)
                ofModules[source.module, default: []].formUnion(names)
                ordered.formUnion(Purity.names(in: source, declaredAs: Purity.orderedDeclaration))
            }
            for module in Array(ofModules.keys) { ofModules[module]?.subtract(ordered) }
        }

        func contain(_ name: Substring, after base: Substring, in source: SwiftSource) -> Bool {
            let names =
                base.isEmpty || base == "self."
                ? ofTypes[Self.type(of: source)] : ofModules[source.module]
            return names?.contains(String(name)) ?? false
        }

        /// A file is named for its type: `Peer+Requests.swift` belongs to `Peer`.
        private static func type(of source: SwiftSource) -> String {
            let file = source.path.split(separator: "/").last ?? ""
            return source.module + "." + file.prefix { $0 != "." && $0 != "+" }
        }
    }

    /// Loops and chains over dictionaries and sets, whose order differs in every process.
    ///
    /// What is sorted at once is fine. Where the outcome is the same in any order, and only a person can see that, a comment on the line or above it says
    /// `any order:` and why.
    static func unorderedLoops(in source: SwiftSource, knowing names: UnorderedNames) -> [Finding] {
        var findings: [Finding] = []
        for (index, line) in source.lines.enumerated() {
            guard let name = unorderedName(in: line, of: source, knowing: names) else { continue }
            // A chain may go on for some lines.
            let statement = source.lines[index...].prefix(4).joined(separator: " ")
            let isExcused = [index - 1, index].contains {
                source.originalLines.indices.contains($0)
                    && source.originalLines[$0].contains("any order: ")
            }
            if !isExcused && !statement.contains(".sorted") {
                findings.append(Finding(line: index + 1, what: name))
            }
        }
        return findings
    }

    private static func unorderedName(
        in line: Substring,
        of source: SwiftSource,
        knowing names: UnorderedNames
    ) -> String? {
        if line.contains("for "), let match = line.firstMatch(of: loop.wordBoundaryKind(.simple)),
            names.contain(match.name, after: match.base, in: source)
        {
            return String(match.name)
        }
        guard chainWords.contains(where: line.contains) else { return nil }
        return line.matches(of: chain.wordBoundaryKind(.simple)).first {
            names.contain($0.name, after: $0.base, in: source)
        }.map { String($0.name) }
    }

    private static func names(
        in source: SwiftSource,
        declaredAs pattern: Regex<(Substring, name: Substring)>
    ) -> Set<String> {
        var names: Set<String> = []
        for line in source.lines
        where line.contains("[") || line.contains("Set") || line.contains("Dictionary") {
            // What is sorted at once is an array.
            if line.contains(".sorted") { continue }
            for match in line.matches(of: pattern.wordBoundaryKind(.simple)) {
                names.insert(String(match.name))
            }
        }
        return names
    }

    /// `a: [K: V]`, `a: Set<T>`, `a = Set<T>()`, `a = [K: V]()`.
    private static var unorderedDeclaration: Regex<(Substring, name: Substring)> {
        /\b(?<name>\w+)(?:\s*:\s*(?:inout\s+)?(?:Set<|\[[^\[\]():]+:\s|Dictionary<)|\s*=\s*(?:Set[<(]|\[[\w.]+:\s*[\w.\[\]?]+\]\s*\(|Dictionary[<(]))/
    }

    /// `a: [T]`, `a: [(T, U)]`, `a = [T]()`.
    private static var orderedDeclaration: Regex<(Substring, name: Substring)> {
        /\b(?<name>\w+)(?:\s*:\s*(?:inout\s+)?|\s*=\s*)\[(?:\(|[^\[\]:]+\])/
    }

    private static var loop: Regex<(Substring, base: Substring, name: Substring)> {
        #/\bfor\b.+\bin\s+(?<base>(?:\w+\.)*?)(?<name>\w+)(?:\.(?:keys|values))?\s*(?:[{]|where\b|$)/#
    }

    /// What gives elements in their order. Not `filter` and `mapValues`, which give a dictionary again, nor `contains` and `allSatisfy`.
    private static var chain: Regex<(Substring, base: Substring, name: Substring)> {
        /(?<base>(?:\b\w+\.)*?)\b(?<name>\w+)(?:\.(?:keys|values))?\.(?:map|compactMap|flatMap|forEach|reduce|first|enumerated|prefix|popFirst|makeIterator|joined|lazy|min|max)\b/
    }

    private static let chainWords = [
        "ap", ".forEach", ".reduce", ".first", ".enumerated", ".prefix", ".popFirst",
        ".makeIterator",
        ".joined", ".lazy", ".min", ".max",
    ]
}
