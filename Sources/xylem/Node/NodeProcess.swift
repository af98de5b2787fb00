import Glibc
import Logging
import RouterNode
import Transports

/// The life of one relay process: start, say so, serve until told to end, drain.
struct NodeProcess {
    var configuration: RelayConfiguration
    var format: OutputFormat
    /// Whether standard input is the supervisor's lifeline.
    var isSupervised: Bool
    var logger: Logger

    func run() async throws {
        HangUp.ignore()
        let signals = await TerminationSignals()
        let relay = try await Relay.start(configuration, logger: logger)
        let control = try await startControl(of: relay)
        let lifeline = isSupervised ? SupervisorLine(relay) : nil
        if let endpoints = relay.endpoints {
            let ready = NodeReady(
                name: configuration.name,
                endpoints: endpoints,
                control: control?.address,
                status: await relay.status()
            )
            switch format {
            case .text: Output.write("\(ready)")
            case .json: Output.writeJSON(ready)
            }
        }
        logRoom()
        await waitForEnd(signals, lifeline)
        await control?.stop()
        await relay.stop()
    }

    private func startControl(of relay: Relay) async throws -> ControlServer? {
        guard let place = configuration.control else { return nil }
        do {
            return try await ControlServer.start(at: place) {
                await relay.status()
            }
        } catch let error as ControlError {
            await relay.stop()
            throw CommandError.badInput(error.message)
        }
    }

    /// Says how many connections this process has room for; under a supervisor, which has many such lines, only when that may
    /// be too few.
    private func logRoom() {
        let room = DescriptorRoom.now
        let isPlenty = isSupervised && room.freeCount >= 10_000
        logger.log(
            level: isPlenty ? .info : .notice,
            "room for \(Figures.exact(room.freeCount)) subscribers, publishers and relays: \(Figures.exact(room.limit)) file descriptors (ulimit -n), of which \(room.usedCount) are in use and \(room.reservedCount) are kept for other things"
        )
    }

    /// Returns with a signal, or when the supervisor is gone.
    private func waitForEnd(_ signals: TerminationSignals, _ lifeline: SupervisorLine?) async {
        guard let lifeline else { return await signals.first() }
        await withTaskGroup { group in
            group.addTask { await signals.first() }
            group.addTask { await lifeline.run() }
            await group.next()
            group.cancelAll()
        }
    }
}
