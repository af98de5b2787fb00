import ArgumentParser

/// How relays of a plan are connected.
enum LinkKind: String, CaseIterable, ExpressibleByArgument, Sendable {
    case numbered, plain
}
