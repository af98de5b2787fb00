import Foundation
import Glibc
import Synchronization

/// Results on standard output.
enum Output {
    private struct State {
        var hasFailed = false
        /// The terminal is gone, which is no failure.
        var isUnheard = false
        /// `nil` = the process ends at once.
        var onFailure: (@Sendable () -> Void)?
    }

    private static let state = Mutex(State())

    /// Writes it, or says what is in the way (nobody reads any more, no room) and ends the process with an exit code.
    static func write(_ text: String, terminator: String = "\n") {
        guard state.withLock({ !$0.hasFailed && !$0.isUnheard }) else { return }
        do throws(SystemError) {
            try write(Array((text + terminator).utf8))
        } catch {
            fail(error)
        }
    }

    /// The same for octets, for those who end by themselves.
    static func write(_ bytes: [UInt8]) throws(SystemError) {
        let failure = bytes.withUnsafeBytes { bytes -> SystemError? in
            do throws(SystemError) { try OpenFile.write(bytes, to: STDOUT_FILENO) } catch {
                return error
            }
            return nil
        }
        if let failure { throw failure }
    }

    /// Whether something could not be written. Nothing is written after it.
    static var hasFailed: Bool { state.withLock { $0.hasFailed } }

    /// For a command that has more to end than itself: called once, in place of the end of the process.
    static func setFailureHandler(_ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.onFailure = body }
    }

    /// What to tell of a failure.
    static func problem(_ error: SystemError) -> String {
        error.number == EPIPE
            ? "standard output was closed before everything was written"
            : "cannot write to standard output: \(error)"
    }

    private static func fail(_ error: SystemError) {
        // The terminal has been closed, and who lives on without it (SIGHUP) writes for nobody.
        if error.number == EIO, isDevice { return state.withLock { $0.isUnheard = true } }
        let (isFirst, handler) = state.withLock { state in
            defer { state.hasFailed = true }
            return (!state.hasFailed, state.onFailure)
        }
        guard isFirst else { return }
        Diagnostics.report(problem(error))
        guard let handler else { _exit(ExitStatus.failure.rawValue) }
        handler()
    }

    /// A terminal that has been closed is no terminal any more, but still a device.
    private static var isDevice: Bool {
        var status = stat()
        return fstat(STDOUT_FILENO, &status) == 0 && status.st_mode & S_IFMT == S_IFCHR
    }

    /// One line of JSON.
    static func writeJSON(_ value: some Encodable, isPretty: Bool = false) {
        write(json(value, isPretty: isPretty))
    }

    static func json(_ value: some Encodable, isPretty: Bool = false) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if isPretty { encoder.outputFormatting.insert(.prettyPrinted) }
        // What this command prints is made of plain values, which always encode.
        let data = (try? encoder.encode(value)) ?? Data()
        return String(decoding: data, as: UTF8.self)
    }
}
