/// What the command's exit codes mean; every subcommand keeps to these, and `CommandError(_:)` says which an error has. docs/command.md
/// has the table for users.
enum ExitStatus: Int32, Error {
    case success = 0
    /// The work failed, or what was looked at is not as it should be: a message is missing, a node is down.
    case failure = 1
    /// What the user gave cannot be used: arguments, files, an address that is taken; or files hold too little to tell.
    case badInput = 2
}
