public import ServiceLifecycle

/// A socket in a `ServiceGroup`: it lives until the group is told to end, sends what waits for as long as the linger allows, and closes.
///
///     let group = ServiceGroup(services: [publisher, weatherStation], gracefulShutdownSignals: [.sigterm], logger: logger)
///     try await group.run()
///
/// Services end in the opposite order, so list a socket before those who use it.
extension Socket: Service {
    public func run() async throws {
        // Fails when the task is cancelled: that ends the socket, too.
        try? await gracefulShutdown()
        await close()
    }
}
