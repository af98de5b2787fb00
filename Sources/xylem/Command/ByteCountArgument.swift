import ArgumentParser

/// A number of octets: `65536`, `64KiB`, `128MiB`, `1GB`.
struct ByteCountArgument: ExpressibleByArgument, Equatable, Sendable {
    var byteCount: Int

    init?(argument: String) {
        let unit = argument.drop { $0.isASCII && $0.isNumber }
        guard let number = Int(argument.dropLast(unit.count)), number > 0,
            let scale = Self.units.first(where: { $0.name == unit })?.byteCount
        else { return nil }
        let (product, isTooLarge) = number.multipliedReportingOverflow(by: scale)
        guard !isTooLarge else { return nil }
        byteCount = product
    }

    init(_ byteCount: Int) {
        self.byteCount = byteCount
    }

    var defaultValueDescription: String {
        let unit = Self.units.last { byteCount % $0.byteCount == 0 && $0.name.hasSuffix("iB") }
        return unit.map { "\(byteCount / $0.byteCount)\($0.name)" } ?? "\(byteCount)"
    }

    private static let units: [(name: Substring, byteCount: Int)] = [
        ("", 1), ("B", 1), ("kB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000),
        ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30),
    ]
}
