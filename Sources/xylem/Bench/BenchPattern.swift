import ArgumentParser
import ZeroMQ

/// Which sockets are measured.
enum BenchPattern: String, CaseIterable, ExpressibleByArgument, Sendable {
    case pubSub = "pub-sub"
    case pushPull = "push-pull"
    case dealerRouter = "dealer-router"
    case reqRep = "req-rep"
}

/// What they are measured over.
enum BenchTransport: String, CaseIterable, ExpressibleByArgument, Sendable {
    case tcp, ipc
    /// Both ends in one process.
    case inproc

    /// Where one end binds; `name` tells endpoints of one measurement apart.
    func endpoint(_ name: String) -> String {
        switch self {
        case .tcp: "tcp://127.0.0.1:*"
        case .ipc: "ipc://*"
        case .inproc: "inproc://bench-\(name)"
        }
    }
}
