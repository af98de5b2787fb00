public import ServiceLifecycle

/// A relay in a `ServiceGroup`: it runs until the group is told to end, drains, and stops.
extension Relay: Service {
    public func run() async throws {
        // Fails when the task is cancelled: that ends the relay, too.
        try? await gracefulShutdown()
        await stop()
    }
}
