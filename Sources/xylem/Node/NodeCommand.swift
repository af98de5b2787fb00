import ArgumentParser
import Foundation
import Logging
import Patterns
import RouterNode
import TreeBuilder
import Transports

struct NodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "node",
        abstract: "Run one relay.",
        discussion: """
            With --plan and --name it is a relay of a plan. With --publishers and --subscribers it is a lone relay, for \
            what people use zmq_proxy for: publishers connect to one endpoint, subscribers to the other.

            It prints one line when it is ready. SIGTERM and SIGINT let it send what waits and end; a second one ends \
            it at once. SIGHUP, as when its terminal is closed, changes nothing.
            """
    )

    @Option(
        help: ArgumentHelp(
            "A plan (JSON), or a topology file, which is planned with the defaults.",
            valueName: "file"
        )
    )
    var plan: String?
    @Option(help: ArgumentHelp("The node of the plan to be.", valueName: "id"))
    var name: String?
    @Option(
        help: ArgumentHelp(
            """
            Where publishers connect, such as tcp://127.0.0.1:6001; or connect:ENDPOINT, where a PUB is bound that the \
            relay shall connect to. May be given several times.
            """,
            valueName: "endpoint"
        )
    )
    var publishers: [String] = []
    @Option(
        help: ArgumentHelp(
            """
            Where subscribers connect, such as tcp://127.0.0.1:6002; or connect:ENDPOINT, where a SUB is bound that the \
            relay shall connect to. May be given several times.
            """,
            valueName: "endpoint"
        )
    )
    var subscribers: [String] = []
    @Option(
        help: ArgumentHelp(
            """
            Bind at this address, name, interface or * in place of the hosts of all endpoints; others are told the \
            endpoints as they are, such as those of a NAT.
            """,
            valueName: "host"
        )
    )
    var bindAddress: String?
    @Option(
        help: ArgumentHelp(
            "Where status is served over HTTP; port 0 lets the system choose. "
                + "By default as the plan says, and not at all for a lone relay.",
            valueName: "host:port"
        )
    )
    var control: String?
    @OptionGroup(title: "Options for files of other tools")
    var importing: ImportArguments
    @OptionGroup(title: "Relay options")
    var relay: RelayOptions
    @OptionGroup(title: "Security options")
    var security: SecurityArguments
    @Option(
        help: ArgumentHelp(
            "A folder with the certificates of the fleet, by the names of its nodes: the same as --certificate FOLDER/NAME_secret "
                + "--curve-server --allow FOLDER --server-key FOLDER.",
            valueName: "folder"
        )
    )
    var keys: String?
    @Option(
        help: ArgumentHelp(
            "Who may publish and subscribe what, in place of what a plan says of this node: a file of rules (docs/security.md), "
                + "read again when it changes.",
            valueName: "file"
        )
    )
    var access: String?
    @OptionGroup(title: "Options for wss:// endpoints")
    var tls: TLSArguments
    @Option(help: "How the line that says it is ready is written: text or json.")
    var format = OutputFormat.text
    /// Standard input is a pipe from the supervisor, whose end is ours.
    @Flag(help: .hidden)
    var supervised = false
    /// How often the supervisor has started this node anew.
    @Option(help: .hidden)
    var restarts = 0
    /// Under which roots the supervisor has it start: JSON of `ArbiterLine.Reign`s.
    @Option(help: .hidden)
    var reigns = "[]"

    func validate() throws {
        guard keys == nil || name != nil && security.isNull else {
            throw ValidationError("--keys needs --name, and goes with no other mechanism")
        }
        if plan != nil || name != nil {
            guard plan != nil, name != nil else {
                throw ValidationError("--plan and --name go together")
            }
            guard publishers.isEmpty, subscribers.isEmpty else {
                throw ValidationError(
                    "with --plan, the plan says where publishers and subscribers connect"
                )
            }
        } else if publishers.isEmpty || subscribers.isEmpty {
            throw ValidationError(
                "give --plan and --name for a relay of a plan, or --publishers and --subscribers for a lone one"
            )
        }
    }

    func run() async throws {
        FileLimit.raise()
        let process = NodeProcess(
            configuration: try configuration(),
            format: format,
            isSupervised: supervised,
            logger: relay.logger(isSupervised: supervised)
        )
        try await process.run()
    }

    private func configuration() throws(CommandError) -> RelayConfiguration {
        var configuration: RelayConfiguration
        var planned: Plan?
        if let plan, let name {
            do {
                let found = try PlanSource.planOrTopology(plan, importing: importing.options)
                configuration = try .planned(name, in: found, overflow: relay.overflow)
                planned = found
            } catch let error as ConfigurationError {
                throw .badInput("\(plan): \(error)")
            } catch let error as CommandError {
                throw error
            } catch {
                throw .badInput("\(plan): \(error)")
            }
        } else {
            configuration = .lone(
                publishers: .init(arguments: publishers),
                subscribers: .init(arguments: subscribers),
                overflow: relay.overflow
            )
        }
        if let control { configuration.control = .init(bind: control) }
        if let bindAddress { configuration.bind(at: bindAddress) }
        configuration.restartCount = restarts
        relay.apply(to: &configuration)
        if let planned {
            relay.link(&configuration, of: planned, reigns: try startingReigns())
        }
        configuration.tls = tls.options
        if let planned, planned.security != .none {
            try secure(&configuration, by: planned)
        } else {
            try secure(&configuration, in: planned)
        }
        if let access { configuration.access = .file(try Self.accessFile(access)) }
        return configuration
    }

    private func startingReigns() throws(CommandError) -> [ArbiterLine.Reign] {
        guard
            let reigns = try? JSONDecoder().decode(
                [ArbiterLine.Reign].self,
                from: Data(reigns.utf8)
            )
        else { throw .badInput("--reigns is for 'xylem up'") }
        return reigns
    }

    /// By the arguments alone.
    private func secure(
        _ configuration: inout RelayConfiguration,
        in plan: Plan?
    ) throws(CommandError) {
        let security = keys.map { self.security.inFleet($0, node: configuration.name) }
        configuration.security = try (security ?? self.security).relay()
        // A client's certificate is in the folder, too: only its node has a node's place.
        guard keys != nil, let plan, case .curve(_, let servers) = configuration.security.dialling
        else { return }
        let names = Set(plan.nodes.map(\.id))
        configuration.nodeKeys = servers.ofNodes.filter { names.contains($0.key) }
    }

    /// By the plan's profile, with the node's keys from the folder.
    private func secure(
        _ configuration: inout RelayConfiguration,
        by plan: Plan
    ) throws(CommandError) {
        guard let keys else {
            throw .badInput(
                "the plan asks for security '\(plan.security.rawValue)': give --keys FOLDER, where \(configuration.name)_secret is"
            )
        }
        var plan = plan
        if plan.nodes.contains(where: { $0.key == nil }) {
            _ = try FleetKeys.assign(to: &plan, in: keys, makesMissing: false)
        }
        let arguments = security.inFleet(keys, node: configuration.name)
        let pair = try arguments.keys()
        let others = try arguments.authenticator()
        let door = try security.addressControl()
        do throws(ConfigurationError) {
            let fleet = try FleetSecurity(
                of: configuration.name,
                in: plan,
                keys: pair,
                door: door,
                others: others
            )
            fleet.apply(to: &configuration)
        } catch {
            throw .badInput("\(self.plan ?? ""): \(error)")
        }
    }
}

extension NodeCommand {
    private static func accessFile(_ path: String) throws(CommandError) -> AccessFile {
        do throws(AccessError) {
            return try AccessFile(path)
        } catch {
            throw .badInput("\(error)")
        }
    }
}

extension RelayConfiguration.Side {
    /// From `--publishers` or `--subscribers`: endpoints to listen at, and `connect:` ones to dial.
    init(arguments: [String]) {
        self.init()
        for argument in arguments {
            if argument.hasPrefix(Self.connect) {
                dialled.append(String(argument.dropFirst(Self.connect.count)))
            } else {
                listening.append(.init(bind: argument))
            }
        }
    }

    private static let connect = "connect:"
}
