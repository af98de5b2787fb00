import Foundation
import Glibc
import RouterNode
import Synchronization

/// Starts one process per node, parents first and a few at a time, starts again what ends, and stops all together.
///
///              launch               ready line
///     waiting ────────▶ starting ──────────────▶ running
///                          │ end                   │ end
///                          ▼        delay          ▼
///                       failed ◀── 5 quick ── restarting ──▶ starting
///                          └── 30 s and more, `RestartRule` ──▶ starting
actor Supervisor {
    /// What every node is started with.
    struct Launch: Sendable {
        var planFile: String
        /// `RelayOptions.arguments`.
        var relayArguments: [String]
        /// The network namespaces that nodes run in, by id; nodes that are not named run in ours.
        var namespaces: [String: String] = [:]
        /// Who decides on roots, where links are numbered.
        var arbiter: FleetArbiter?
        /// How many nodes may be starting at a time.
        var startingCountMax = 4
    }

    enum NodeState: String, Sendable {
        case waiting, starting, running, restarting, failed, stopped

        /// Whether it is about to be started or to be ready.
        var isPending: Bool {
            switch self {
            case .waiting, .starting, .restarting: true
            case .running, .failed, .stopped: false
            }
        }
    }

    enum Event: Sendable {
        case ready(NodeReady)
        /// A line of the node's log.
        case logged(node: String, line: String)
        case ended(node: String, ProcessEnd, restartAfter: Duration)
        /// It failed, and is tried again much later. With the last lines of its log.
        case gaveUp(node: String, ProcessEnd, retryAfter: Duration, log: [String])
    }

    private struct Node {
        var state = NodeState.waiting
        var restarts = RestartRule()
        /// How often it has been started anew.
        var restartCount = 0
        var startedAt = ContinuousClock.now
        var log: [String] = []

        /// Whether it failed, and has not lived since for as long as it takes to count as well.
        var isFailing: Bool {
            guard restarts.isGivenUp else { return false }
            return state != .running || ContinuousClock.now - startedAt < RestartRule.quick
        }
    }

    /// To be read by one task; ends when everything has stopped.
    nonisolated let events: AsyncStream<Event>
    private let continuation: AsyncStream<Event>.Continuation
    private let launch: Launch
    /// Of the nodes that run.
    var lifelines: [String: Lifeline] = [:]
    /// Who is root of which tree; `nil` where links are plain.
    var arbiter: FleetArbiter?
    private var nodes: [String: Node]
    /// In starting order.
    private var waiting: ArraySlice<String>
    private var isStopping = false
    private let children = Mutex<[String: ChildProcess]>([:])

    init(_ ids: [String], launch: Launch) {
        self.launch = launch
        arbiter = launch.arbiter
        waiting = ids[...]
        nodes = Dictionary(ids.map { ($0, Node()) }) { first, _ in first }
        (events, continuation) = AsyncStream.makeStream(of: Event.self)
    }

    /// How many nodes have failed and not recovered.
    var failureCount: Int { failureCountAtEnd ?? nodes.values.count(where: \.isFailing) }
    private var failureCountAtEnd: Int?

    func states() -> [String: NodeState] { nodes.mapValues(\.state) }

    func start() {
        while let id = waiting.first, count(of: .starting) < launch.startingCountMax {
            waiting.removeFirst()
            start(id)
        }
    }

    /// Lets every node drain, and kills what has not ended by then.
    ///
    /// - Returns: How many had to be killed.
    @discardableResult
    func stop() async -> Int {
        // What has failed by now has failed, although it is stopped like the others.
        failureCountAtEnd = failureCount
        isStopping = true
        waiting = []
        signalAll(SIGTERM)
        let deadline = ContinuousClock.now + Self.drainMax
        while hasChildren, ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(20))
        }
        let killedCount = children.withLock { $0.count }
        while hasChildren {
            signalAll(SIGKILL)
            try? await Task.sleep(for: .milliseconds(20))
        }
        continuation.finish()
        return killedCount
    }

    nonisolated func signalAll(_ signal: Int32) {
        children.withLock { for child in $0.values { child.send(signal) } }
    }

    nonisolated func send(_ signal: Int32, to node: String) {
        children.withLock { $0[node] }?.send(signal)
    }

    private nonisolated var hasChildren: Bool { children.withLock { !$0.isEmpty } }

    /// This very command. Its path, so that process lists show its name; when it has been replaced since, what runs.
    private static let executable: String = {
        let running = "/proc/self/exe"
        let path = try? FileManager.default.destinationOfSymbolicLink(atPath: running)
        return path.flatMap { FileManager.default.isExecutableFile(atPath: $0) ? $0 : nil }
            ?? running
    }()
    private static let namespaceTool = "/usr/bin/env"
    /// Longer than a relay's own drain time.
    private static let drainMax = Duration.seconds(8)
    private static let logLineCountMax = 12
}

// MARK: - One node

extension Supervisor {
    private func start(_ id: String) {
        nodes[id]?.state = .starting
        nodes[id]?.startedAt = .now
        nodes[id]?.log = []
        // Before: it is told its root at its start.
        arbitrate { $0.handleStarted(id) }
        do {
            let lifeline = try Lifeline()
            let child = try ChildProcess(
                launch.namespaces[id] == nil ? Self.executable : Self.namespaceTool,
                arguments: prefix(of: id) + [
                    "node", "--plan", launch.planFile, "--name", id, "--supervised",
                    "--format", "json", "--restarts", "\(nodes[id]?.restartCount ?? 0)",
                ] + reignArguments + launch.relayArguments,
                standardInput: lifeline.readEnd
            )
            children.withLock { $0[id] = child }
            lifelines[id] = lifeline
            Task { for await event in child.events { handle(event, of: id) } }
        } catch {
            arbitrate { $0.handleEnded(id) }
            nodes[id]?.log = [error.message]
            handleEnd(.exited(code: ExitStatus.failure.rawValue), of: id)
        }
    }

    /// `ip netns exec` becomes the node: it replaces itself, so that the process we started is the node's. It cannot give it
    /// another name, which is why the word after the namespace is the path and not `xylem`.
    private func prefix(of id: String) -> [String] {
        launch.namespaces[id].map { ["env", "ip", "netns", "exec", $0, Self.executable] } ?? [
            "xylem"
        ]
    }

    private func handle(_ event: ChildProcess.Event, of id: String) {
        switch event {
        case .output(let line): handleOutput(line, of: id)
        case .diagnostics(let line):
            nodes[id]?.log.append(line)
            if let log = nodes[id]?.log, log.count > Self.logLineCountMax {
                nodes[id]?.log.removeFirst()
            }
            if !isStopping { continuation.yield(.logged(node: id, line: line)) }
        case .ended(let end):
            children.withLock { _ = $0.removeValue(forKey: id) }
            lifelines[id] = nil
            arbitrate { $0.handleEnded(id) }
            handleEnd(end, of: id)
        }
    }

    private func handleOutput(_ line: String, of id: String) {
        guard let ready = try? JSONDecoder().decode(NodeReady.self, from: Data(line.utf8)) else {
            return handleRequest(line, of: id)
        }
        nodes[id]?.state = .running
        arbiter?.handleReady(id)
        continuation.yield(.ready(ready))
        start()
    }

    private func handleEnd(_ end: ProcessEnd, of id: String) {
        guard let node = nodes[id] else { return }
        guard !isStopping else {
            nodes[id]?.state = .stopped
            return
        }
        switch nodes[id]?.restarts.handleEnd(after: ContinuousClock.now - node.startedAt) {
        case .restart(let delay):
            nodes[id]?.state = .restarting
            nodes[id]?.restartCount += 1
            continuation.yield(.ended(node: id, end, restartAfter: delay))
            start(id, after: delay)
        case .giveUp(let delay):
            nodes[id]?.state = .failed
            nodes[id]?.restartCount += 1
            continuation.yield(.gaveUp(node: id, end, retryAfter: delay, log: node.log))
            start(id, after: delay)
        case nil: break
        }
        start()
    }

    private func start(_ id: String, after delay: Duration) {
        Task {
            try? await Task.sleep(for: delay)
            if !isStopping { start(id) }
        }
    }

    private func count(of state: NodeState) -> Int {
        nodes.values.reduce(0) { $0 + ($1.state == state ? 1 : 0) }
    }
}
