import NIOCore
import NIOPosix
import ZMTP

/// Whether this build has a Kerberos library, and how connections use it. A context may wait for a key distribution centre, so it
/// is advanced on threads of a pool; what it seals and opens afterwards it does on the connection's event loop.
package enum GSSAPI {
    #if GSSAPI
    /// Why GSSAPI cannot be asked for; `nil` = it can.
    package static let problem: String? = nil
    #else
    /// Why GSSAPI cannot be asked for; `nil` = it can.
    package static let problem: String? =
        "this build has no GSSAPI: install MIT Kerberos (libkrb5-dev) and build with 'swift build --traits GSSAPI', or name the "
        + "trait where your package depends on xylem"
    #endif

    /// One handshake's context; `nil` for other mechanisms, and where there is no library.
    static func makeContext(_ security: Security) -> (any GSSAPIContext)? {
        #if GSSAPI
        switch security {
        case .gssapi(let service, let options):
            KerberosContext(.client(of: service), principal: options.principal)
        case .gssapiServer(let options):
            KerberosContext(.server, principal: options.principal)
        case .null, .plain, .plainServer, .curve, .curveServer, .nullOrCurveServer: nil
        }
        #else
        nil
        #endif
    }

    /// Lets the context take a token.
    static func advance(
        _ context: (any GSSAPIContext)?,
        _ token: [UInt8],
        on loop: any EventLoop
    ) -> EventLoopFuture<Result<GSSAPIProgress, GSSAPIError>> {
        guard let context else {
            return loop.makeSucceededFuture(.failure(GSSAPIError(problem ?? "there is no context")))
        }
        return NIOThreadPool.singleton.runIfActive(eventLoop: loop) {
            do throws(GSSAPIError) {
                return .success(try context.advance(token))
            } catch {
                return .failure(error)
            }
        }
    }

    /// What a context said; that the pool's threads have ended is an error of its own.
    static func progress(
        _ result: Result<Result<GSSAPIProgress, GSSAPIError>, any Error>
    ) -> Result<GSSAPIProgress, GSSAPIError> {
        (try? result.get()) ?? .failure(GSSAPIError("there is no thread for it any more"))
    }
}
