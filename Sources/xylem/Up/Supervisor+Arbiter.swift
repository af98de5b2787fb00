import Foundation
import Glibc
import RouterNode

/// Who is root of which tree, where links are numbered.
extension Supervisor {
    /// What a node is told of that at its start.
    var reignArguments: [String] {
        arbiter.map { ["--reigns", Output.json($0.reigns)] } ?? []
    }

    func arbitrate(_ body: (inout FleetArbiter) -> Void) {
        guard var arbiter else { return }
        body(&arbiter)
        while let action = arbiter.nextAction() { perform(action) }
        self.arbiter = arbiter
    }

    private func perform(_ action: FleetArbiter.Action) {
        switch action {
        case .say(let node, let news): lifelines[node]?.say(Output.json(news))
        case .kill(let node): send(SIGKILL, to: node)
        }
    }

    /// A line of a node's standard output that is not its ready line.
    func handleRequest(_ line: String, of node: String) {
        guard
            let request = try? JSONDecoder().decode(
                ArbiterLine.Request.self,
                from: Data(line.utf8)
            )
        else { return }
        arbitrate { $0.handle(request, of: node) }
    }

    /// Asks the roots again and again whether they live.
    func watchRoots() async {
        while arbiter != nil, !Task.isCancelled {
            arbitrate { arbiter in
                for action in arbiter.handleTick() { perform(action) }
            }
            try? await Task.sleep(for: FleetArbiter.interval)
        }
    }
}
