import Foundation
import Glibc

/// What this process holds of the machine at this moment.
struct ProcessFigures {
    var residentByteCount: Int
    var descriptorCount: Int
    var threadCount: Int

    init() throws {
        let memory = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        let pages = memory.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        residentByteCount = pages * Int(getpagesize())
        descriptorCount = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        threadCount = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
    }
}
