import Vocabulary
import ArgumentParser
import Transports
import ZeroMQ

/// How a command finds the places it publishes or subscribes at.
struct AttachOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The state file of the running fleet that node names mean, if several have a node of that name.",
            valueName: "file"
        )
    )
    var state: String?
    @Option(
        help: ArgumentHelp(
            "The plan whose nodes the names mean ('xylem plan --format json', or the topology file): for a fleet whose "
                + "nodes were started one by one.",
            valueName: "file"
        )
    )
    var plan: String?
    @Flag(help: "Listen at the endpoint instead of connecting to it.")
    var bind = false
    @Option(
        help: ArgumentHelp(
            "How often to ask the other end whether it is still there, so that one that is gone without a word is noticed.",
            valueName: "5s|off"
        )
    )
    var heartbeat = HeartbeatArgument(interval: DurationArgument(milliseconds: 5_000))

    @OptionGroup var tls: TLSArguments

    /// Which side of a relay is meant.
    enum Side {
        case publishers, subscribers
    }

    func validate() throws {
        guard state == nil || plan == nil else {
            throw ValidationError("--state and --plan exclude each other")
        }
    }

    /// The endpoints that these words mean: endpoints as they are, anything else the name of a node.
    func places(_ words: [String], side: Side) throws(CommandError) -> [AttachPoint] {
        var choice: FleetChoice?
        var places: [AttachPoint] = []
        for word in words {
            if word.contains("://") {
                places.append(AttachPoint(name: word, endpoint: try Self.checked(word)))
                continue
            }
            guard !bind else {
                throw .badInput("--bind needs an endpoint such as tcp://*:5556, not '\(word)'")
            }
            let (node, fleet): (FleetState.Node, FleetState)
            do throws(CommandError) {
                let known: FleetChoice
                if let choice {
                    known = choice
                } else {
                    known = try FleetChoice(state: state, plan: plan)
                }
                choice = known
                (node, fleet) = try known.node(named: word)
            } catch {
                throw CommandError(
                    error.code,
                    "'\(word)' is not an endpoint such as tcp://127.0.0.1:5556, so it must be a node's name, but "
                        + error.message
                )
            }
            let endpoint = side == .publishers ? node.publishers : node.subscribers
            guard !endpoint.isEmpty else {
                throw .badInput(
                    "the plan gives node '\(node.id)' no endpoint for \(side): a fleet that is started by hand needs "
                        + "endpoints in its topology file"
                )
            }
            places.append(
                AttachPoint(name: word, endpoint: try Self.checked(endpoint), fleet: fleet)
            )
        }
        return places
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
        } catch {
            throw CommandError(error)
        }
    }
}

/// Where a command attaches.
struct AttachPoint: Equatable, Sendable {
    /// What the user called it.
    var name: String
    var endpoint: String
    /// Whose node it is; `nil` for an endpoint.
    var fleet: FleetState?

    var isMulticast: Bool { (try? Endpoint(endpoint))?.scheme.isMulticast ?? false }
}

extension Socket {
    /// Binds or connects there, and tells a person on standard error what goes wrong meanwhile.
    func attach(to place: AttachPoint, bind isBinding: Bool) async throws(CommandError) {
        let events = events
        Task { await AttachmentNotices(place: place, isBinding: isBinding).watch(events) }
        do {
            if isBinding {
                try await bind(place.endpoint)
            } else {
                try await connect(place.endpoint)
            }
        } catch {
            throw CommandError(error)
        }
    }
}
