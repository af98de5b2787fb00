import Foundation
import Glibc

/// How much memory this process may use: what the machine has, or less where its control group has a limit.
public enum MachineMemory {
    /// Half of it: what a relay's queues may hold together unless the operator says otherwise.
    public static let share = max(shareMin, byteCount / 2)

    public static let byteCount: Int = {
        let pages = Int(sysconf(Int32(_SC_PHYS_PAGES)))
        let machine = pages * Int(sysconf(Int32(_SC_PAGESIZE)))
        return groupLimits().reduce(machine > 0 ? machine : unknown) { min($0, $1) }
    }()

    /// The limits of the process's control group (version 2) and of those above it; those that there are.
    private static func groupLimits() -> [Int] {
        let text = try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)
        let line = text?.split(separator: "\n").first { $0.hasPrefix("0::/") }
        guard var path = line?.dropFirst("0::".count) else { return [] }
        var limits: [Int] = []
        while true {
            let file = "/sys/fs/cgroup\(path)/memory.max"
            if let text = try? String(contentsOfFile: file, encoding: .utf8),
                let limit = Int(text.trimmingCharacters(in: .whitespacesAndNewlines))
            {
                limits.append(limit)
            }
            guard let slash = path.lastIndex(of: "/"), path.count > 1 else { return limits }
            path = path[..<slash]
        }
    }

    private static let unknown = 1 << 30
    private static let shareMin = 64 << 20
}
