import Dispatch
import Glibc

/// Lines of a file, a pipe or a terminal, read on a thread that may wait.
final class LineInput: Sendable {
    private let descriptor: Int32
    private let name: String

    /// `nil` = standard input.
    init(path: String?) throws(CommandError) {
        name = path ?? "standard input"
        guard let path else {
            descriptor = STDIN_FILENO
            return
        }
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .badInput("\(path): \(String(cString: strerror(errno)))")
        }
    }

    deinit {
        if descriptor != STDIN_FILENO { close(descriptor) }
    }

    /// Calls `body` for each line until there are no more; stops when the task is cancelled.
    func forEachLine(_ body: (ArraySlice<UInt8>) async throws -> Void) async throws {
        var cutter = LineCutter(lineByteCountMax: Self.lineByteCountMax)
        while let chunk = try await nextChunk() {
            let lines: [ArraySlice<UInt8>]
            do {
                lines = try cutter.append(chunk[...])
            } catch {
                throw CommandError.badInput(
                    "\(name): a line has more than \(error.byteCountMax) octets"
                )
            }
            for line in lines { try await body(line) }
        }
        if let line = cutter.finish() { try await body(line) }
    }

    /// `nil` at the end.
    private func nextChunk() async throws -> [UInt8]? {
        while true {
            try Task.checkCancellation()
            let outcome: Outcome = await withCheckedContinuation { continuation in
                Self.queue.async { continuation.resume(returning: self.readOnce()) }
            }
            switch outcome {
            case .bytes(let bytes): return bytes.isEmpty ? nil : bytes
            case .nothingYet: continue
            case .failure(let number):
                throw CommandError.failure("\(name): \(String(cString: strerror(number)))")
            }
        }
    }

    private enum Outcome: Sendable {
        /// Empty at the end.
        case bytes([UInt8])
        case nothingYet
        case failure(Int32)
    }

    /// Waits a little only, so that a cancelled task is not kept by a silent pipe.
    private func readOnce() -> Outcome {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&request, 1, Self.pollMilliseconds) != 0 else { return .nothingYet }
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: Self.chunkByteCount) { buffer, count in
            let readCount = read(descriptor, buffer.baseAddress, buffer.count)
            if readCount < 0 { failure = errno }
            count = max(0, readCount)
        }
        switch failure {
        case 0: return .bytes(bytes)
        case EINTR, EAGAIN: return .nothingYet
        default: return .failure(failure)
        }
    }

    private static let queue = DispatchQueue(label: "xylem.input")
    private static let pollMilliseconds: Int32 = 100
    private static let chunkByteCount = 64 << 10
    private static let lineByteCountMax = 64 << 20
}
