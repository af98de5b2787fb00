import Glibc
import Synchronization
package import Testing

/// Whether networks of namespaces can be made here: root, `ip`, `nft`, and a kernel that lets us.
///
/// A machine without is a loud, counted skip, never a silent pass.
package enum LabAvailability {
    /// Why there can be no lab; `nil` when there can.
    package static let obstacle: String? = {
        guard geteuid() == 0 else { return "network namespaces need root" }
        let probe = "xylem-test-\(getpid())-probe"
        let script = """
            export PATH="$PATH:/usr/sbin:/sbin"
            for tool in ip nft python3 timeout; do
                command -v $tool >/dev/null || { echo "there is no $tool (tools/setup --test)"; exit 1; }
            done
            ip netns add \(probe)
            trap 'ip netns delete \(probe)' EXIT
            ip -n \(probe) link add bridge type bridge
            ip netns exec \(probe) nft list ruleset
            """
        do {
            try LabShell.runAndWait(script)
            return nil
        } catch let failure as LabShell.Failure {
            return failure.output
        } catch {
            return "\(error)"
        }
    }()

    private static let skipCount = Mutex(0)

    /// Whether there can be a lab; says so, with the number of skips so far, when there cannot.
    package static func check() -> Bool {
        guard let obstacle else { return true }
        let count = skipCount.withLock { count in
            count += 1
            return count
        }
        print("SKIPPED (\(count) so far): no network namespaces: \(obstacle)")
        return false
    }
}

extension Trait where Self == ConditionTrait {
    /// Runs the test only where networks of namespaces can be made.
    package static var needsLab: Self {
        .enabled(if: LabAvailability.check(), "needs root, ip and nft")
    }
}
