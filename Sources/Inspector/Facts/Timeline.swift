/// What happened when, in a bounded number of bins that double their width when time outgrows them.
public struct Timeline: Sendable, Equatable {
    public struct Bin: Sendable, Equatable {
        public var odata: UInt32 = 0
        public var rdata: UInt32 = 0
        public var nak: UInt32 = 0
        public var ncf: UInt32 = 0
        /// Numbers found missing at the tap.
        public var missing: UInt32 = 0
        public var byteCount: UInt64 = 0

        public init() {}
    }

    /// Start of the first bin, since 1970.
    public private(set) var begin: Int64 = 0
    public private(set) var binNanoseconds: Int64
    public private(set) var bins: [Bin] = []

    private let binCountMax: Int

    public init(binNanoseconds: Int64 = 1_000_000, binCountMax: Int = 512) {
        precondition(binNanoseconds > 0 && binCountMax >= 2)
        self.binNanoseconds = binNanoseconds
        self.binCountMax = binCountMax
    }

    /// The bin of a time; what lies before the first bin goes to the first.
    @inline(__always)
    mutating func index(at nanoseconds: Int64) -> Int {
        if bins.isEmpty { begin = nanoseconds - nanoseconds % binNanoseconds }
        let (offset, overflows) = nanoseconds.subtractingReportingOverflow(begin)
        guard offset > 0, !overflows else {
            if bins.isEmpty { bins.append(Bin()) }
            return 0
        }
        while offset / binNanoseconds >= Int64(binCountMax) { widen() }
        let index = Int(offset / binNanoseconds)
        while bins.count <= index { bins.append(Bin()) }
        return index
    }

    @inline(__always)
    mutating func add(at nanoseconds: Int64, _ change: (inout Bin) -> Void) {
        change(&bins[index(at: nanoseconds)])
    }

    /// Two bins become one.
    private mutating func widen() {
        var half: [Bin] = []
        half.reserveCapacity(bins.count / 2 + 1)
        for index in bins.indices {
            if index.isMultiple(of: 2) {
                half.append(bins[index])
            } else {
                half[half.count - 1].add(bins[index])
            }
        }
        bins = half
        binNanoseconds =
            binNanoseconds.multipliedReportingOverflow(by: 2).overflow
            ? .max : binNanoseconds * 2
    }
}

extension Timeline.Bin {
    mutating func add(_ other: Timeline.Bin) {
        odata &+= other.odata
        rdata &+= other.rdata
        nak &+= other.nak
        ncf &+= other.ncf
        missing &+= other.missing
        byteCount &+= other.byteCount
    }
}
