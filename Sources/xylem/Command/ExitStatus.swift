/// What the command's exit codes mean; every subcommand keeps to these.
enum ExitStatus: Int32, Error {
    case success = 0
    /// The input was right, but the work failed: a message is missing, a node is down.
    case failure = 1
    /// Arguments or files that cannot be used; nothing was started.
    case badInput = 2
}
