import ArgumentParser
import ZeroMQ

struct KeygenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keygen",
        abstract: "Make a pair of keys for CURVE.",
        discussion: """
            Without --output, the pair is printed as a certificate, and the public key is on standard error. With it, the public \
            certificate is FILE, for others to have, and FILE_secret is the pair, which nobody else can read; the public key is printed. CZMQ \
            and pyzmq read both.

            xylem keygen --name oslo -o keys/oslo
            xylem node --certificate keys/oslo_secret --curve-server --allow keys …
            xylem subscribe tcp://oslo:6002 --server-key keys/oslo
            """
    )

    @Option(
        help: ArgumentHelp("Whose keys they are; stands in the certificates.", valueName: "name")
    )
    var name: String?
    @Option(name: .shortAndLong, help: ArgumentHelp("Where to write them.", valueName: "file"))
    var output: String?

    func run() throws {
        let certificate = CurveCertificate(
            .random(),
            metadata: name.map { [(name: "name", value: $0)] } ?? []
        )
        guard let output else {
            Output.write(certificate.secretText ?? "")
            Diagnostics.write("public key: \(certificate.publicKey)")
            return
        }
        do throws(AccessError) {
            try certificate.write(to: output)
        } catch {
            throw CommandError.badInput("cannot write \(error)")
        }
        Diagnostics.report("wrote \(output), for others, and \(output)_secret, for nobody else")
        Output.write("\(certificate.publicKey)")
    }
}
