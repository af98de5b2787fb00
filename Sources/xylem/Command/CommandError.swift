/// Why a command could not do what it was asked; the message tells its user what to do.
struct CommandError: Error, Equatable, CustomStringConvertible {
    var code: ExitStatus
    var message: String

    init(_ code: ExitStatus, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Arguments or files that cannot be used; nothing was started.
    static func badInput(_ message: String) -> CommandError {
        CommandError(.badInput, message)
    }

    /// The input was right and the work failed.
    static func failure(_ message: String) -> CommandError {
        CommandError(.failure, message)
    }

    var description: String { message }
}
