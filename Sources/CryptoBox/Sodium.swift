import CSodium

/// libsodium, which has to be started once in a process before it is used.
package enum Sodium {
    /// May be called from any thread, any number of times.
    package static func start() { _ = isStarted }

    private static let isStarted: Bool = {
        // 0 the first time, 1 when somebody else in the process had started it.
        precondition(sodium_init() >= 0, "libsodium found no source of randomness")
        return true
    }()
}
