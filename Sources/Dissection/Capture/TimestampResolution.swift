/// What a tick of a pcapng interface is worth (if_tsresol) and when it counts from (if_tsoffset).
struct TimestampResolution: Equatable {
    /// Powers of ten up to a nanosecond: the cheap way for what is written in practice.
    private var nanosecondsPerTick: Int64?
    private var exponent: UInt8
    private var isBinary: Bool
    private var offsetSeconds: Int64

    /// Microseconds since 1970, when the file does not say.
    static let microseconds = TimestampResolution(option: 6, offsetSeconds: 0)

    /// `option` is the value of if_tsresol: bit 7 set for negative powers of two, else of ten.
    init(option: UInt8, offsetSeconds: Int64) {
        exponent = option & 0x7F
        isBinary = option & 0x80 != 0
        self.offsetSeconds = offsetSeconds
        nanosecondsPerTick =
            !isBinary && exponent <= 9 ? Self.powerOfTen(9 - exponent) : nil
    }

    /// Since 1970; `nil` when it does not fit, before 1678 or after 2262.
    func nanoseconds(ticks: UInt64) -> Int64? {
        guard let sinceOffset = unshifted(ticks) else { return nil }
        guard offsetSeconds != 0 else { return sinceOffset }
        let (offset, isTooLarge) = offsetSeconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, hasOverflown) = sinceOffset.addingReportingOverflow(offset)
        return isTooLarge || hasOverflown ? nil : sum
    }

    private func unshifted(_ ticks: UInt64) -> Int64? {
        if let nanosecondsPerTick {
            guard let ticks = Int64(exactly: ticks) else { return nil }
            let (product, isTooLarge) = ticks.multipliedReportingOverflow(by: nanosecondsPerTick)
            return isTooLarge ? nil : product
        }
        if isBinary {
            // ticks × 10⁹ / 2ⁿ, in 128 bits.
            let product = ticks.multipliedFullWidth(by: 1_000_000_000)
            guard exponent < 64 else {
                return Int64(exactly: exponent < 128 ? product.high >> (exponent - 64) : 0)
            }
            let upper = exponent == 0 ? 0 : product.high << (64 - UInt64(exponent))
            guard product.high >> exponent == 0 else { return nil }
            return Int64(exactly: product.low >> exponent | upper)
        }
        guard let divisor = Self.powerOfTen(exponent - 9) else { return 0 }
        return Int64(exactly: ticks / UInt64(divisor))
    }

    private static func powerOfTen(_ exponent: UInt8) -> Int64? {
        guard exponent <= 18 else { return nil }
        return (0..<exponent).reduce(Int64(1)) { power, _ in power * 10 }
    }
}
