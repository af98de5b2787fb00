import ZeroMQ

/// Prints what a publisher sends about a topic, and says when it falls silent:
///     WeatherReader [ENDPOINT [TOPIC]]        (tcp://127.0.0.1:5556, weather.)
@main struct WeatherReader {
    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let endpoint = arguments.first ?? "tcp://127.0.0.1:5556"
        let topic = arguments.dropFirst().first ?? "weather."

        let subscriber = Subscriber()
        // The publisher need not be there yet: the socket keeps trying.
        try await subscriber.connect(endpoint)
        try await subscriber.subscribe(to: topic)
        while true {
            guard let message = try await subscriber.receive(timeout: .seconds(5)) else {
                print("nothing about \(topic) for five seconds")
                continue
            }
            // How many frames there are is for the sender to say: an absent one reads as an empty one.
            print(message[0].text, message[1].text)
        }
    }
}
