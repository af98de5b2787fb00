/// Delays between nodes as they were measured, oldest first, and what of it counts.
///
/// ```
/// cork  bern  14.2ms        two ids and a one-way delay, separated by blanks; a bare number is milliseconds
/// cork,new york,14.9ms      or by commas, where ids have blanks
/// # a comment, as is the rest of any line behind a #
/// ```
///
/// *Smoothed.* The samples of a pair, in both directions, become one delay as round-trip times do in TCP (RFC 6298 §2): the first is
/// taken as it is, each later one moves it by an eighth of the difference.
///
/// *Hysteresis.* A pair counts as changed only when the smoothed delay and the last three samples (all, where there are fewer)
/// differ from the delay that is known by more than 20 % of it and by more than 2 ms, all to the same side. Everything else is noise.
public struct Measurements: Equatable, Sendable {
    /// What a change must exceed: this part of the known delay, and this many ms.
    public static let changeShare = 0.2
    public static let changeLeastMilliseconds = 2.0
    private static let lastCount = 3
    private static let gain = 0.125

    /// Two nodes between which there are samples.
    public struct Pair: Equatable, Sendable {
        /// Ids, in the order of the first sample.
        public var a: String
        public var b: String
        public var smoothedMilliseconds: Double
        /// Where the first sample stands.
        public var position: SourcePosition?
        /// The last few samples, ms.
        fileprivate var last: [Double]

        /// The smoothed delay, where it counts as a change of a known one; else `nil`.
        public func change(from milliseconds: Double) -> Double? {
            let least = max(changeShare * milliseconds, changeLeastMilliseconds)
            let isSlower = smoothedMilliseconds > milliseconds
            let isChange = ([smoothedMilliseconds] + last).allSatisfy {
                isSlower ? $0 - milliseconds > least : milliseconds - $0 > least
            }
            return isChange ? smoothedMilliseconds : nil
        }
    }

    /// In the order of their first samples.
    public private(set) var pairs: [Pair] = []
    private var place: [[String]: Int] = [:]

    public init() {}

    /// Adds a sample between two nodes, by id; in ms.
    public mutating func add(
        _ a: String,
        _ b: String,
        milliseconds: Double,
        position: SourcePosition? = nil
    ) {
        let key = [min(a, b), max(a, b)]
        guard let index = place[key] else {
            place[key] = pairs.count
            let pair = Pair(
                a: a,
                b: b,
                smoothedMilliseconds: milliseconds,
                position: position,
                last: [milliseconds]
            )
            return pairs.append(pair)
        }
        pairs[index].smoothedMilliseconds +=
            Self.gain * (milliseconds - pairs[index].smoothedMilliseconds)
        pairs[index].last.append(milliseconds)
        if pairs[index].last.count > Self.lastCount { pairs[index].last.removeFirst() }
    }

    /// Reads a file of samples.
    ///
    /// - Throws: `TopologyError` with the line that is wrong.
    public init(_ bytes: [UInt8], file: String) throws(TopologyError) {
        self.init()
        let text = String(decoding: bytes, as: UTF8.self)
        for (number, line) in text.split(
            omittingEmptySubsequences: false,
            whereSeparator: \.isNewline
        ).enumerated() {
            let position = SourcePosition(line: number + 1, column: 1)
            func wrong(_ message: String) -> TopologyError {
                TopologyError(file: file, position: position, message: message)
            }
            let fields = Self.fields(of: line.prefix { $0 != "#" })
            guard !fields.isEmpty else { continue }
            guard fields.count == 3 else {
                throw wrong(
                    "\(fields.count == 1 ? "one value" : "\(fields.count) values") in place of three: "
                        + "two nodes and a delay, such as 'oslo bergen 4.5ms'"
                )
            }
            guard fields[0] != fields[1] else {
                throw wrong(
                    "the delay from \(quoted(fields[0])) to itself says nothing; remove the line"
                )
            }
            switch Quantity.millisecondsByDefault(fields[2]) {
            case .success(let delay):
                add(fields[0], fields[1], milliseconds: delay, position: position)
            case .failure(let error): throw wrong(error.reason)
            }
        }
    }

    private static func fields(of line: Substring) -> [String] {
        guard line.contains(",") else {
            return line.split(whereSeparator: \.isWhitespace).map(String.init)
        }
        return line.split(separator: ",", omittingEmptySubsequences: false).map { field in
            let start = field.drop(while: \.isWhitespace)
            return String(String(start.reversed().drop(while: \.isWhitespace)).reversed())
        }
    }
}
