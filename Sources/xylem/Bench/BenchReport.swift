import Foundation

/// How a measurement is told: to people on standard error, to programs on standard output.
enum BenchReport {
    static func print(_ line: String, _ figures: some Encodable) {
        FileHandle.standardError.write(Data((line + "\n").utf8))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        guard let json = try? encoder.encode(figures) else { return }
        FileHandle.standardOutput.write(json + Data("\n".utf8))
    }

    static func text(_ value: Double, decimals: Int) -> String {
        String(format: "%.\(decimals)f", value)
    }
}
