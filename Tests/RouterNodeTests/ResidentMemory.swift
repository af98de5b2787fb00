import Foundation

/// What the whole test process holds.
enum ResidentMemory {
    /// In octets; from `/proc`, which counts pages.
    static var byteCount: Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let words = text.split(separator: " ")
        return words.count > 1 ? (Int(words[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
    }
}
