import Foundation
import Glibc
import RouterNode
import TreeBuilder

/// A fleet on this machine from its start to its end.
///
///     lock, ports, plan file ─▶ start ─▶ settled ─▶ run for a time, demonstrate, or until a signal ─▶ drain ─▶ clean up
///
/// While it runs, one task keeps the state file true and another asks the nodes for their status.
struct Fleet {
    enum Outcome: Sendable {
        case interrupted
        case timeIsUp
        case demonstrated(isComplete: Bool)
    }

    var plan: Plan
    /// Ids of the nodes that run here; none = all.
    var only: [String] = []
    var topologyFile: String
    var stateFile: FleetStateFile
    var relayArguments: [String]
    /// Whether relays keep every message when one of them dies.
    var areLinksNumbered = false
    /// Where nodes run, if not all on this machine as it is.
    var placement: Placement?
    /// `nil` = until a signal.
    var duration: Duration?
    /// `nil` = none.
    var demo: Demo.Options?
    var reporter: UpReporter

    /// Runs the fleet; nothing of it is left afterwards.
    func run() async throws -> ExitStatus {
        try stateFile.makeDirectory()
        guard let lock = try FleetLock(path: stateFile.lockPath) else {
            throw CommandError.badInput(refusal)
        }
        defer { withExtendedLifetime(lock) { stateFile.remove() } }
        let ports = PortReservation()
        defer { withExtendedLifetime(ports) {} }
        let resolved = try resolvedPlan(ports)
        try writePlan(resolved)
        var state = FleetState(
            resolved: resolved,
            topologyFile: URL(filePath: topologyFile).standardizedFileURL.path,
            planFile: stateFile.planPath,
            supervisorPID: Int(getpid()),
            startedAt: Date().timeIntervalSince1970
        )
        state.planID = PlanIdentity(resolved).id
        try stateFile.write(state)
        return try await supervise(state)
    }

    /// The plan with every endpoint that is not in it.
    private func resolvedPlan(_ ports: PortReservation) throws(CommandError) -> Plan {
        // The nodes elsewhere must have the same plan.
        guard only.isEmpty else { return plan }
        let nextPort = { () throws(CommandError) in try ports.next() }
        guard let placement else {
            return try plan.sharingOneMachine(nextPort: nextPort).resolved(nextPort: nextPort)
        }
        return try plan.placed(by: placement).resolved(nextPort: nextPort)
    }

    private func supervise(_ state: FleetState) async throws -> ExitStatus {
        HangUp.ignore()
        let signals = await TerminationSignals()
        let supervisor = Supervisor(
            state.startingOrder.filter { only.isEmpty || only.contains($0) },
            launch: .init(
                planFile: stateFile.planPath,
                relayArguments: relayArguments,
                namespaces: placement?.namespaces ?? [:],
                arbiter: areLinksNumbered ? try arbiter() : nil
            )
        )
        signals.setLastWish { supervisor.signalAll(SIGKILL) }
        // Nodes are to be stopped in order, even if nobody hears of it.
        Output.setFailureHandler { signals.end() }
        let keeper = FleetStateKeeper(state, file: stateFile)
        let result = await withTaskGroup(of: Result<Outcome, any Error>?.self) { group in
            group.addTask {
                for await event in supervisor.events {
                    await keeper.handle(event)
                    await reporter.handle(event)
                }
                return nil
            }
            group.addTask {
                await poll(keeper, supervisor)
                return nil
            }
            group.addTask {
                await supervisor.watchRoots()
                return nil
            }
            group.addTask {
                await signals.first()
                return .success(.interrupted)
            }
            group.addTask {
                do { return .success(try await proceed(supervisor, keeper)) } catch {
                    return .failure(error)
                }
            }
            var result: Result<Outcome, any Error>?
            while result == nil, let next = await group.next() { result = next }
            await reporter.endNews()
            let isDemonstrated = if case .success(.demonstrated) = result { true } else { false }
            if !isDemonstrated { await reporter.note("stopping") }
            group.cancelAll()
            let killedCount = await supervisor.stop()
            if killedCount > 0 {
                await reporter.note(
                    "stopped; \(Figures.plural(killedCount, "node")) had to be killed"
                )
            } else if !isDemonstrated {
                await reporter.note("stopped")
            }
            return result
        }
        let hasFailures = await supervisor.failureCount > 0 || Output.hasFailed
        switch try result?.get() {
        case .demonstrated(let isComplete): return isComplete ? .success : .failure
        case .interrupted where demo != nil: return .failure
        case .interrupted, .timeIsUp, nil: return hasFailures ? .failure : .success
        }
    }

    /// What the fleet is there for.
    private func proceed(
        _ supervisor: Supervisor,
        _ keeper: FleetStateKeeper
    ) async throws -> Outcome {
        let start = ContinuousClock.now
        await reporter.note(
            "starting \(Figures.plural(only.isEmpty ? plan.nodes.count : only.count, "node")) of '\(plan.name)'"
        )
        await supervisor.start()
        await settle(supervisor)
        let states = await supervisor.states()
        guard Task.isCancelled || states.values.contains(.running) else {
            throw CommandError.failure(
                "no node could be started; their last words are above"
            )
        }
        let state = await keeper.settled()
        try Task.checkCancellation()
        await reporter.showFleet(
            state,
            file: stateFile,
            runningCount: states.values.count { $0 == .running },
            startedCount: states.count,
            seconds: (ContinuousClock.now - start) / .seconds(1)
        )
        if let demo {
            if await supervisor.failureCount > 0 {
                throw CommandError.failure("not every node runs: there is nothing to demonstrate")
            }
            return try await demonstrate(demo, state)
        }
        if let duration {
            try await Task.sleep(for: duration)
            return .timeIsUp
        }
        while true { try await Task.sleep(for: .seconds(3_600)) }
    }

    private func settle(_ supervisor: Supervisor) async {
        while !Task.isCancelled {
            let states = await supervisor.states().values
            let count = states.count { !$0.isPending }
            if count == states.count { break }
            await reporter.showProgress(
                "started \(count) of \(Figures.plural(states.count, "node"))"
            )
            try? await Task.sleep(for: .milliseconds(50))
        }
        await reporter.endProgress()
    }

    private func demonstrate(_ options: Demo.Options, _ state: FleetState) async throws -> Outcome {
        let demo = try Demo(fleet: state, options: options) { await reporter.showProgress($0) }
        await reporter.note(
            "publishing \(Figures.count(options.messageCount)) messages at \(demo.publishingNode.id), "
                + "a leaf of tree '\(demo.tree.name)'; subscribing at \(Figures.plural(demo.tree.seats.count, "node"))"
        )
        let report = try await demo.run()
        await reporter.showDemo(report)
        return .demonstrated(isComplete: report.isComplete)
    }

    private func poll(_ keeper: FleetStateKeeper, _ supervisor: Supervisor) async {
        // Asking costs both sides; a large fleet is asked less often.
        let interval = max(Duration.seconds(1), .milliseconds(20 * plan.nodes.count))
        while !Task.isCancelled {
            try? await Task.sleep(for: interval)
            let states = await supervisor.states()
            guard !states.values.contains(.waiting) else { continue }
            let report = await FleetPoll(keeper.state).report()
            if !Task.isCancelled { await reporter.handle(report, states: states) }
        }
    }

    /// Its epochs are higher than those of any fleet of this plan before: clocks do not stand still.
    private func arbiter() throws -> FleetArbiter? {
        let plan = try PlanSource.planOrTopology(stateFile.planPath)
        return FleetArbiter(plan, epoch: UInt64(Date().timeIntervalSince1970))
    }

    private func writePlan(_ plan: Plan) throws(CommandError) {
        try OutputFile.write(Output.json(plan), to: stateFile.planPath)
    }

    private var refusal: String {
        let owner = (try? stateFile.read())?.supervisorPID
        return "this fleet is running already\(owner.map { ", under process \($0)" } ?? ""); "
            + "stop that one, or start a second one with --state FILE"
    }
}
