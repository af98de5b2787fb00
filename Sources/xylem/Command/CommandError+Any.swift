import Captures
import CryptoBox
import Dissection
import RouterNode
import Topology
import Transports
import TreeBuilder
import Vocabulary
import ZeroMQ

extension CommandError {
    /// Any error that ends a command. Here alone it is decided which exit code it has.
    ///
    /// What a user gave and cannot be used is `badInput`: a malformed endpoint, one that is taken or of another machine, options that
    /// contradict each other, a file that is not what it should be. Whatever else ends a command went wrong while it was at work.
    init(_ error: any Error) {
        switch error {
        case let error as CommandError: self = error
        case let error as ZeroMQError:
            self.init(Self.wrongUses.contains(error.code) ? .badInput : .failure, error.message)
        case is EndpointError, is ConfigurationError, is AccessError, is CertificateError,
            is SealKeyError, is TopologyError, is PlanError, is FilterError, is CaptureError:
            self = .badInput("\(error)")
        case is CancellationError: self = .failure("interrupted")
        default: self = .failure("\(error)")
        }
    }

    /// What a socket refuses because of what it was told, at once and every time.
    private static let wrongUses: Set<ZeroMQError.Code> = [
        .endpoint, .option, .unsupported, .group, .malformed, .missingFrame, .multipart, .tooLong,
    ]
}
