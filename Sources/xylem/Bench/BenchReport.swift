import Foundation

/// How a measurement is told: to people on standard error, to programs on standard output.
enum BenchReport {
    static func print(_ line: String, _ figures: some Encodable) {
        Diagnostics.write(line)
        Output.writeJSON(figures)
    }

    static func text(_ value: Double, decimals: Int) -> String {
        String(format: "%.\(decimals)f", value)
    }
}
