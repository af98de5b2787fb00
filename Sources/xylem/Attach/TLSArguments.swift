import ArgumentParser
import ZeroMQ

/// Certificates and trust at `wss://` endpoints.
struct TLSArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The certificate shown at wss:// endpoints, and those between it and its authority (PEM); to listen there, one is "
                + "needed.",
            valueName: "file"
        )
    )
    var tlsCertificate: String?
    @Option(help: ArgumentHelp("The key of that certificate (PEM).", valueName: "file"))
    var tlsKey: String?
    @Option(
        help: ArgumentHelp(
            "The certificates that are trusted at wss:// endpoints (PEM), in place of the system's.",
            valueName: "file"
        )
    )
    var tlsTrust: String?

    func validate() throws {
        guard (tlsCertificate == nil) == (tlsKey == nil) else {
            throw ValidationError("--tls-certificate and --tls-key go together")
        }
    }

    var options: TLSOptions {
        var options = TLSOptions()
        options.certificateFile = tlsCertificate
        options.privateKeyFile = tlsKey
        if let tlsTrust { options.trust = .file(tlsTrust) }
        return options
    }
}
