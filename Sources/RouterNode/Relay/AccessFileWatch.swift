import Logging
import NIOCore
import Routing
import Transports
import Vocabulary

/// Follows the file of a relay's access list.
final class AccessFileWatch: Sendable {
    private let task: Task<Void, Never>

    /// `nil` for a list that is in no file.
    init?(_ relay: Relay) {
        guard case .file(let file)? = relay.configuration.access else { return nil }
        task = Task { [weak relay] in
            var lastProblem: AccessError?
            while !Task.isCancelled, let relay {
                lastProblem = await Self.look(at: file, for: relay, lastProblem)
                try? await Task.sleep(for: Self.interval)
            }
        }
    }

    func stop() async {
        task.cancel()
        await task.value
    }

    /// Gives what is wrong with the file, which is told once.
    private static func look(
        at file: AccessFile,
        for relay: Relay,
        _ lastProblem: AccessError?
    ) async -> AccessError? {
        do throws(AccessError) {
            guard let list = try file.changedList() else { return nil }
            relay.logger.notice("\(file.path) has changed; its access list is in force")
            try? await relay.home.submit {
                relay.instance.handleAccessList(list)
                relay.flush()
            }.get()
            return nil
        } catch {
            if lastProblem != error {
                relay.logger.error("\(error); the access list stays as it was")
            }
            return error
        }
    }

    /// How often the file is looked at.
    private static let interval = Duration.seconds(1)
}
