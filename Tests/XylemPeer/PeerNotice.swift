import Foundation

/// One event, printed as one JSON object on one line; the fields are those of `Peers/peer.py`.
struct PeerNotice: Encodable, Sendable {
    var event: String
    var endpoint: String?
    var topic: String?
    var message: String?
    var count: Int?
    var bytes: Int?
    var first: UInt64?
    var last: UInt64?
    var inOrder: Bool?
    var missing: UInt64?
    var outOfOrder: Int?
    var damaged: Int?
    var other: Int?

    func print() {
        guard var line = try? JSONEncoder().encode(self) else { return }
        line.append(UInt8(ascii: "\n"))
        FileHandle.standardOutput.write(line)
    }
}
