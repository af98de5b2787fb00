import Logging
import ServiceLifecycle
import ZeroMQ

/// Publishes readings of three stations until Ctrl-C, which sends what waits and closes:
///     WeatherStation [ENDPOINT]        (tcp://*:5556)
@main struct WeatherStation {
    static func main() async throws {
        let logger = Logger(label: "weather")
        let publisher = Publisher(options: SocketOptions { $0.logger = logger })
        try await publisher.bind(CommandLine.arguments.dropFirst().first ?? "tcp://*:5556")

        // Services end in the opposite order: first the thermometer, then the socket it writes to.
        let group = ServiceGroup(
            services: [publisher, Thermometer(publisher: publisher)],
            gracefulShutdownSignals: [.sigint, .sigterm],
            logger: logger
        )
        try await group.run()
    }
}

/// Measures ten times a second.
struct Thermometer: Service {
    let publisher: Publisher

    func run() async throws {
        // What is published before a subscriber is there reaches nobody; here that does not matter.
        await cancelWhenGracefulShutdown {
            for number in 0... {
                for station in ["oslo", "paris", "lyon"] {
                    publisher.send(["weather.\(station)", "\(number % 40 - 10) °C"])
                }
                do { try await Task.sleep(for: .milliseconds(100)) } catch { return }
            }
        }
    }
}
