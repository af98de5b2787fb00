import Vocabulary
import ArgumentParser
import Transports
import ZeroMQ

/// How a command finds the places it publishes or subscribes at.
struct AttachOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The state file of the running fleet that node names mean, if there are several.",
            valueName: "file"
        )
    )
    var state: String?
    @Flag(help: "Listen at the endpoint instead of connecting to it.")
    var bind = false

    /// Which side of a relay is meant.
    enum Side {
        case publishers, subscribers
    }

    /// The endpoints that these words mean: endpoints as they are, anything else the name of a node.
    func places(_ words: [String], side: Side) throws(CommandError) -> [AttachPoint] {
        var fleet: FleetState?
        var places: [AttachPoint] = []
        for word in words {
            if word.contains("://") {
                places.append(AttachPoint(name: word, endpoint: try Self.checked(word)))
                continue
            }
            guard !bind else {
                throw .badInput("--bind needs an endpoint such as tcp://*:5556, not '\(word)'")
            }
            let known: FleetState
            if let fleet { known = fleet } else { known = try fleetOfNames(word) }
            fleet = known
            let node = try known.node(named: word)
            let endpoint = side == .publishers ? node.publishers : node.subscribers
            places.append(AttachPoint(name: word, endpoint: try Self.checked(endpoint)))
        }
        return places
    }

    private func fleetOfNames(_ word: String) throws(CommandError) -> FleetState {
        do {
            return try FleetStateFile.running(state: state, topologyFile: nil).state
        } catch {
            throw CommandError(
                error.code,
                "'\(word)' is not an endpoint such as tcp://127.0.0.1:5556, so it must be a node's name, but "
                    + error.message
            )
        }
    }

    /// inproc reaches only sockets of this very process.
    private static func checked(_ text: String) throws(CommandError) -> String {
        do {
            guard try Endpoint(text).scheme != .inproc else {
                throw CommandError.badInput(
                    "cannot use endpoint '\(text)': inproc ends at this process; use tcp or ipc"
                )
            }
            return text
        } catch let error as EndpointError {
            throw .badInput(error.description)
        } catch let error as CommandError {
            throw error
        } catch {
            throw .badInput("\(error)")
        }
    }
}

/// Where a command attaches.
struct AttachPoint: Equatable, Sendable {
    /// What the user called it.
    var name: String
    var endpoint: String

    var isMulticast: Bool { (try? Endpoint(endpoint))?.scheme.isMulticast ?? false }
}

extension Socket {
    /// Binds or connects there, and tells a person on standard error what goes wrong meanwhile.
    func attach(to place: AttachPoint, bind isBinding: Bool) async throws(CommandError) {
        let events = events
        Task { await AttachmentNotices(place: place).watch(events) }
        do {
            if isBinding {
                try await bind(place.endpoint)
            } else {
                try await connect(place.endpoint)
            }
        } catch {
            throw .badInput(error.message)
        }
    }
}
