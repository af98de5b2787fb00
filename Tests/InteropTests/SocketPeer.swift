import SocketTestSupport

/// A libzmq socket of any type (`Peers/any_socket.py`).
struct SocketPeer {
    let process: PeerProcess

    init(_ type: String, _ options: String...) throws {
        try self.init(type, options)
    }

    init(_ type: String, _ options: [String]) throws {
        process = try PeerProcess(
            command: [PeerAvailability.interpreter, PeerProcess.peers + "/any_socket.py", type]
                + options
        )
    }

    func endpoint() async throws -> String { try await process.endpoint() }

    func send(_ frames: [UInt8]...) async throws {
        try process.send("send " + frames.map { Self.word($0) }.joined(separator: " "))
        _ = try await process.event("sent")
    }

    /// Sends frames of text.
    func send(_ frames: String...) async throws {
        try process.send(
            "send " + frames.map { Self.word(Array($0.utf8)) }.joined(separator: " ")
        )
        _ = try await process.event("sent")
    }

    /// Sets an option whose value is octets.
    func set(_ option: String, _ value: String) async throws {
        try process.send("set \(option) \(Self.word(Array(value.utf8)))")
        _ = try await process.event("set")
    }

    /// The frames of the next message.
    func receive() async throws -> [[UInt8]] {
        try await process.event("message").frames?.map { Self.octets($0) } ?? []
    }

    /// The frames of the next message, as text.
    func receiveTexts() async throws -> [String] {
        try await receive().map { String(decoding: $0, as: UTF8.self) }
    }

    func close() async { await process.close() }

    static func word(_ frame: [UInt8]) -> String {
        frame.isEmpty
            ? "-"
            : frame.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    private static func octets(_ word: String) -> [UInt8] {
        let digits = word.compactMap { $0.hexDigitValue }
        return stride(from: 0, to: digits.count - 1, by: 2).map {
            UInt8(digits[$0] << 4 | digits[$0 + 1])
        }
    }
}
