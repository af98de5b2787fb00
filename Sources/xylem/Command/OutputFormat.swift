import ArgumentParser
import Foundation

/// For whom a result is printed.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
    /// For a person.
    case text
    /// For a program: keys are sorted, so that the same result is the same bytes.
    case json
}

/// Results on standard output.
enum Output {
    static func write(_ text: String) {
        FileHandle.standardOutput.write(Data((text + "\n").utf8))
    }

    /// One line of JSON.
    static func writeJSON(_ value: some Encodable, isPretty: Bool = false) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if isPretty { encoder.outputFormatting.insert(.prettyPrinted) }
        // What this command prints is made of plain values, which always encode.
        guard let data = try? encoder.encode(value) else { return }
        write(String(decoding: data, as: UTF8.self))
    }
}
