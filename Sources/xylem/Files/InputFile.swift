import Foundation
import Glibc

/// Files that a user names.
enum InputFile {
    /// The whole file, `-` for standard input; more than the largest topology is refused unread.
    static func read(_ path: String) throws(CommandError) -> [UInt8] {
        let descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        while true {
            let count = bytes.count
            bytes.append(contentsOf: repeatElement(0, count: chunkByteCount))
            let readCount = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, chunkByteCount)
            }
            bytes.removeLast(chunkByteCount - max(readCount, 0))
            if readCount < 0 { throw failure(path) }
            if readCount == 0 { return bytes }
            guard bytes.count <= byteCountMax else {
                throw .badInput(
                    "\(path): more than \(byteCountMax) bytes; no topology is that large"
                )
            }
        }
    }

    private static func failure(_ path: String) -> CommandError {
        .badInput("\(path): \(String(cString: strerror(errno)))")
    }

    private static let chunkByteCount = 64 << 10
    private static let byteCountMax = 64 << 20
}
