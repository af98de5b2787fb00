/// What the command's exit codes mean; every subcommand keeps to these.
enum ExitStatus: Int32, Error {
    case success = 0
    /// The input was right, but the work failed: a message is missing, a node is down.
    case failure = 1
    /// Arguments or files that cannot be used, so nothing was started; or files that hold too little to tell.
    case badInput = 2
}
