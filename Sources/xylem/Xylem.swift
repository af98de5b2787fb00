import ArgumentParser
import Glibc

@main
struct Xylem: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "xylem",
        abstract: "Multicast trees for ZeroMQ.",
        subcommands: [
            PlanCommand.self, UpCommand.self, StatusCommand.self, PublishCommand.self,
            SubscribeCommand.self, InspectCommand.self, NodeCommand.self, BenchCommand.self,
        ]
    )

    /// Runs the subcommand and turns whatever it throws into a message and an exit code of `ExitStatus`.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let error as CommandError {
            Diagnostics.report(error.message)
            Glibc.exit(error.code.rawValue)
        } catch let status as ExitStatus {
            Glibc.exit(status.rawValue)
        } catch {
            finish(error)
        }
    }

    /// The parser's own messages: help goes to standard output, mistakes to standard error with our exit code.
    private static func finish(_ error: any Error) -> Never {
        guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
        Diagnostics.write(fullMessage(for: error))
        Glibc.exit(ExitStatus.badInput.rawValue)
    }
}
