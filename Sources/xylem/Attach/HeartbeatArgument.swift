import ArgumentParser
import ZeroMQ

/// How often a peer is asked whether it lives: a time, or `off`.
struct HeartbeatArgument: ExpressibleByArgument, Equatable, Sendable {
    /// `nil` = off.
    var interval: DurationArgument?

    init?(argument: String) {
        guard argument != "off" else { return }
        guard let interval = DurationArgument(argument: argument) else { return nil }
        self.interval = interval.milliseconds > 0 ? interval : nil
    }

    init(interval: DurationArgument?) {
        self.interval = interval
    }

    var defaultValueDescription: String { interval?.defaultValueDescription ?? "off" }

    var options: HeartbeatOptions {
        guard let interval = interval?.duration else { return .off }
        return .sparing(interval: interval)
    }
}
