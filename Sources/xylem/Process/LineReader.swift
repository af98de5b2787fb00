import Dispatch
import Glibc

/// Reads a pipe line by line without holding a thread.
enum LineReader {
    /// Calls `body` for every line until the pipe ends, and closes it then. A line that never ends is cut in pieces.
    static func forEachLine(
        of descriptor: Int32,
        _ body: @escaping @Sendable (String) -> Void
    ) async {
        let (end, continuation) = AsyncStream.makeStream(of: Void.self)
        let state = Partial()
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        source.setEventHandler {
            var chunk = [UInt8](repeating: 0, count: lineByteCountMax)
            let count = read(descriptor, &chunk, chunk.count)
            if count > 0 { return state.append(chunk[..<count], body) }
            if count < 0, errno == EINTR || errno == EAGAIN { return }
            state.finish(body)
            source.cancel()
        }
        source.setCancelHandler {
            close(descriptor)
            continuation.finish()
        }
        source.resume()
        for await _ in end {}
        // Whoever waits may have been cancelled; the file stays open until the source has let it go.
        source.cancel()
    }

    /// Confined to `queue`.
    private final class Partial: @unchecked Sendable {
        private var bytes: [UInt8] = []

        func append(_ chunk: ArraySlice<UInt8>, _ body: (String) -> Void) {
            bytes.append(contentsOf: chunk)
            while let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
                body(String(decoding: bytes[..<end], as: UTF8.self))
                bytes.removeSubrange(...end)
            }
            if bytes.count >= lineByteCountMax { finish(body) }
        }

        func finish(_ body: (String) -> Void) {
            if !bytes.isEmpty { body(String(decoding: bytes, as: UTF8.self)) }
            bytes.removeAll()
        }
    }

    private static let queue = DispatchQueue(label: "xylem.lines")
    private static let lineByteCountMax = 16 << 10
}
