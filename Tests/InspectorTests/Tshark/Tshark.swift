import Foundation
import Synchronization
import Testing

/// Wireshark's dissectors, as a second opinion.
enum Tshark {
    static let path = "/usr/bin/tshark"

    /// Real captures with a known truth, beside the repository's checkout.
    static let sharedCaptures: [String] = {
        let folder = SharedCaptures.folder.path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.contains(".pcap") }.sorted().map { folder + "/" + $0 }
    }()

    private static let skipCount = Mutex(0)

    /// False, with a line and a count, where it is not installed.
    static func isInstalled() -> Bool {
        if FileManager.default.isExecutableFile(atPath: path) { return true }
        let count = skipCount.withLock { count in
            count += 1
            return count
        }
        print("SKIPPED (\(count) so far): no \(path); install it (tools/setup --test)")
        return false
    }

    /// What tshark says of each packet: the values of each field, in the order of the packet.
    static func fields(_ names: [String], of file: String) throws -> [[String: [String]]] {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: path)
        process.arguments =
            ["-n", "-r", file, "-d", "udp.port==5555,pgm", "-T", "fields"]
            + ["-E", "separator=/t", "-E", "occurrence=a", "-E", "aggregator=;"]
            + names.flatMap { ["-e", $0] }
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(
            process.terminationStatus == 0,
            "tshark ended with \(process.terminationStatus)"
        )
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
        return lines.map { line in
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false)
            var packet: [String: [String]] = [:]
            for (name, cell) in zip(names, cells) where !cell.isEmpty {
                packet[name] = cell.split(separator: ";").map(String.init)
            }
            return packet
        }
    }
}

extension Trait where Self == ConditionTrait {
    static var needsTshark: Self { .enabled(if: Tshark.isInstalled(), "needs \(Tshark.path)") }
}
