import ArgumentParser
import Glibc
import Vocabulary

@main
struct Xylem: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "xylem",
        abstract: "Multicast trees for ZeroMQ.",
        version: "xylem \(XylemVersion.current)",
        subcommands: [
            PlanCommand.self, DiffCommand.self, ConvertCommand.self, UpCommand.self,
            StatusCommand.self, RestartCommand.self,
            PublishCommand.self,
            SubscribeCommand.self, InspectCommand.self, NodeCommand.self, SocketCommand.self,
            ProxyCommand.self, KeygenCommand.self, BenchCommand.self,
        ]
    )

    /// Runs the subcommand and turns whatever it throws into a message and an exit code of `ExitStatus`.
    static func main() async {
        // Whoever reads our output may stop (`… | head`): that is an error to tell of, not a reason to be killed.
        signal(SIGPIPE, SIG_IGN)
        OpenFile.holdStandardNumbers()
        do {
            try RawArguments.check()
            try Subcommands.check(CommandLine.arguments.dropFirst(), of: Self.self)
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let status as ExitStatus {
            Glibc.exit(status.rawValue)
        } catch {
            finish(error)
        }
    }

    /// The parser's own messages: help goes to standard output, mistakes to standard error with our exit code. All else is an error of a
    /// command.
    private static func finish(_ error: any Error) -> Never {
        switch exitCode(for: error) {
        case .success:
            Output.write(UsageLines.folded(fullMessage(for: error), width: Terminal.width))
            Glibc.exit(ExitStatus.success.rawValue)
        case .validationFailure:
            Diagnostics.write(
                UsageLines.folded(fullMessage(for: error), width: Terminal.diagnosticsWidth)
            )
            Glibc.exit(ExitStatus.badInput.rawValue)
        default:
            let error = CommandError(error)
            Diagnostics.report(error.message)
            Glibc.exit(error.code.rawValue)
        }
    }
}
