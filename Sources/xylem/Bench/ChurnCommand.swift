import ArgumentParser
import Foundation
import Glibc
import ZeroMQ

/// Opens and closes sockets, in all the ways in which they end, and says what is left of them.
struct ChurnCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "churn",
        abstract: "What is left in this process after many sockets were opened and closed.",
        discussion: """
            Pairs of sockets connect over tcp, ipc and inproc, exchange messages, are cancelled while they wait, closed or just let go. A tenth             of them come before the first look, so that what is allocated once and kept does not count.
            """
    )

    @Option(help: ArgumentHelp("How many sockets.", valueName: "sockets"))
    var count = 100_000

    private struct Measurement: Encodable {
        var sockets: Int
        var seconds: Double
        /// Resident octets, before and after.
        var residentBefore: Int
        var residentAfter: Int
        /// Open file descriptors.
        var descriptorsBefore: Int
        var descriptorsAfter: Int
        var threadsBefore: Int
        var threadsAfter: Int
    }

    func validate() throws {
        guard (10...100_000_000).contains(count) else {
            throw ValidationError("--count is between 10 and 100000000")
        }
    }

    func run() async throws {
        try await Self.churn(socketCount: count / 10)
        let before = try ProcessFigures()
        let clock = ContinuousClock()
        let begin = clock.now
        try await Self.churn(socketCount: count)
        let time = clock.now - begin
        let after = try await Self.settled(descriptorCount: before.descriptorCount)
        let figures = Measurement(
            sockets: count,
            seconds: time / .seconds(1),
            residentBefore: before.residentByteCount,
            residentAfter: after.residentByteCount,
            descriptorsBefore: before.descriptorCount,
            descriptorsAfter: after.descriptorCount,
            threadsBefore: before.threadCount,
            threadsAfter: after.threadCount
        )
        let grown = Double(figures.residentAfter - figures.residentBefore) / 1_048_576
        BenchReport.print(
            "\(count) sockets in \(BenchReport.text(figures.seconds, decimals: 1)) s: "
                + "\(BenchReport.text(grown, decimals: 1)) MiB more, "
                + "\(after.descriptorCount - before.descriptorCount) descriptors more",
            figures
        )
    }

    /// What was only let go ends by itself, a moment later.
    private static func settled(descriptorCount: Int) async throws -> ProcessFigures {
        var figures = try ProcessFigures()
        for _ in 0..<100 where figures.descriptorCount > descriptorCount {
            try await Task.sleep(for: .milliseconds(20))
            figures = try ProcessFigures()
        }
        return figures
    }

    private static func churn(socketCount: Int) async throws {
        for round in 0..<max(1, socketCount / 2) {
            switch round % 4 {
            case 0: try await deliver(by: "inproc://churn \(round)")
            case 1: try await ask(by: round % 8 == 1 ? "tcp://127.0.0.1:*" : "ipc://*")
            case 2: try await letGo()
            default:
                try await cancel(
                    by: round % 8 == 3 ? "tcp://127.0.0.1:*" : "inproc://churn \(round)"
                )
            }
        }
    }

    private static let options = SocketOptions { $0.linger = .zero }

    private static func deliver(by endpoint: String) async throws {
        let (puller, pusher) = (Puller(options: options), Pusher(options: options))
        try await pusher.connect(try await puller.bind(endpoint))
        try await pusher.send("a message")
        _ = try await puller.receive()
        await pusher.close()
        await puller.close()
    }

    private static func ask(by endpoint: String) async throws {
        let (replier, requester) = (Replier(options: options), Requester(options: options))
        try await requester.connect(try await replier.bind(endpoint))
        let serving = Task { try await replier.serve { $0 } }
        _ = try await requester.request("a request")
        await replier.close()
        await requester.close()
        _ = await serving.result
    }

    /// Nobody closes these.
    private static func letGo() async throws {
        let (publisher, subscriber) = (XPublisher(options: options), Subscriber(options: options))
        try await subscriber.connect(try await publisher.bind("tcp://127.0.0.1:*"))
        try await subscriber.subscribe(to: "topic")
        _ = try await publisher.receive()
    }

    private static func cancel(by endpoint: String) async throws {
        let (router, dealer) = (Router(options: options), Dealer(options: options))
        try await dealer.connect(try await router.bind(endpoint))
        let request = Task { try await dealer.request("a request") }
        _ = try await router.receive()
        request.cancel()
        _ = await request.result
        await dealer.close()
        await router.close()
    }
}
