import Vocabulary
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
        let relay = try await startRelay()
        let control = try await startControl(of: relay)
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
        await waitForEnd(signals)
        await control?.stop()
        await relay.stop()
    }

    private func startRelay() async throws -> Relay {
        do {
            return try await Relay.start(configuration, logger: logger)
        } catch let error as EndpointError {
            throw CommandError.badInput("\(error)")
        }
    }

    private func startControl(of relay: Relay) async throws -> ControlServer? {
        guard let place = configuration.control else { return nil }
        do {
            return try await ControlServer.start(at: place, logger: logger) {
                await relay.status()
            }
        } catch let error as ControlError {
            await relay.stop()
            throw CommandError.badInput(error.message)
        }
    }

    /// Returns with a signal, or when the supervisor is gone.
    private func waitForEnd(_ signals: TerminationSignals) async {
        guard isSupervised else { return await signals.first() }
        await withTaskGroup { group in
            group.addTask { await signals.first() }
            group.addTask { await Lifeline.end(of: STDIN_FILENO) }
            await group.next()
            group.cancelAll()
        }
    }
}
