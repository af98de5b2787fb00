#if GSSAPI
import CGSSAPI
import ZMTP

/// A security context of MIT Kerberos' GSSAPI, for one connection.
///
/// Not safe from several threads at once, and need not be: a connection lets it take one token after the other, and seals and
/// opens on its event loop afterwards.
final class KerberosContext: GSSAPIContext, @unchecked Sendable {
    enum Role {
        case client(of: GSSAPIName)
        case server
    }

    private let role: Role
    private let principal: GSSAPIName?
    private var context: gss_ctx_id_t?
    private var credentials: gss_cred_id_t?
    private var service: gss_name_t?

    init(_ role: Role, principal: GSSAPIName?) {
        self.role = role
        self.principal = principal
    }

    deinit {
        var minor: OM_uint32 = 0
        gss_delete_sec_context(&minor, &context, nil)
        gss_release_cred(&minor, &credentials)
        gss_release_name(&minor, &service)
    }

    func advance(_ token: [UInt8]) throws(GSSAPIError) -> GSSAPIProgress {
        if credentials == nil, let principal { try acquire(principal) }
        switch role {
        case .client(let name): return try initiate(name, token)
        case .server: return try accept(token)
        }
    }

    func wrap(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        var minor: OM_uint32 = 0
        var input = Self.buffer(text)
        var output = gss_buffer_desc()
        var isSealed: Int32 = 0
        let major = gss_wrap(&minor, context, 1, 0, &input, &isSealed, &output)
        defer { gss_release_buffer(&minor, &output) }
        guard xylem_gss_is_complete(major) != 0, isSealed != 0 else { return nil }
        return Self.octets(output)
    }

    func unwrap(_ token: UnsafeRawBufferPointer) -> [UInt8]? {
        var minor: OM_uint32 = 0
        var input = Self.buffer(token)
        var output = gss_buffer_desc()
        var isSealed: Int32 = 0
        let major = gss_unwrap(&minor, context, &input, &output, &isSealed, nil)
        defer { gss_release_buffer(&minor, &output) }
        // Anything else than complete says, too, that it came again or out of order.
        guard xylem_gss_is_complete(major) != 0, isSealed != 0 else { return nil }
        return Self.octets(output)
    }
}

// MARK: - Tokens

extension KerberosContext {
    private func initiate(
        _ name: GSSAPIName,
        _ token: [UInt8]
    ) throws(GSSAPIError) -> GSSAPIProgress {
        if service == nil { service = try Self.imported(name) }
        var (minor, flags): (OM_uint32, OM_uint32) = (0, 0)
        var output = gss_buffer_desc()
        let major = token.withUnsafeBytes { token in
            var input = Self.buffer(token)
            return gss_init_sec_context(
                &minor,
                credentials,
                &context,
                service,
                nil,
                xylem_gss_flags(),
                0,
                nil,
                &input,
                nil,
                &output,
                &flags,
                nil
            )
        }
        return try progress(major, minor, &output, flags, "no ticket for '\(name.text)'")
    }

    private func accept(_ token: [UInt8]) throws(GSSAPIError) -> GSSAPIProgress {
        var (minor, flags): (OM_uint32, OM_uint32) = (0, 0)
        var output = gss_buffer_desc()
        var client: gss_name_t?
        let major = token.withUnsafeBytes { token in
            var input = Self.buffer(token)
            return gss_accept_sec_context(
                &minor,
                &context,
                credentials,
                &input,
                nil,
                &client,
                nil,
                &output,
                &flags,
                nil,
                nil
            )
        }
        defer { gss_release_name(&minor, &client) }
        var progress = try progress(
            major,
            minor,
            &output,
            flags,
            "the client's ticket is not accepted"
        )
        if progress.isComplete { progress.clientName = Self.text(of: client) }
        return progress
    }

    private func progress(
        _ major: OM_uint32,
        _ minor: OM_uint32,
        _ output: inout gss_buffer_desc,
        _ flags: OM_uint32,
        _ what: String
    ) throws(GSSAPIError) -> GSSAPIProgress {
        let token = Self.octets(output)
        var ignored: OM_uint32 = 0
        gss_release_buffer(&ignored, &output)
        let isComplete = xylem_gss_is_complete(major) != 0
        guard isComplete || xylem_gss_goes_on(major) != 0 else {
            throw Self.error(what, major, minor)
        }
        guard !isComplete || xylem_gss_can_seal(flags) != 0 else {
            throw GSSAPIError("what was agreed on cannot seal messages")
        }
        return GSSAPIProgress(token: token, isComplete: isComplete)
    }

    private func acquire(_ principal: GSSAPIName) throws(GSSAPIError) {
        var isServer: Int32 = 0
        if case .server = role { isServer = 1 }
        var minor: OM_uint32 = 0
        var name: gss_name_t? = try Self.imported(principal)
        defer { gss_release_name(&minor, &name) }
        let major = gss_acquire_cred(
            &minor,
            name,
            0,
            nil,
            xylem_gss_usage(isServer),
            &credentials,
            nil,
            nil
        )
        guard xylem_gss_is_complete(major) != 0 else {
            throw Self.error("no credentials of '\(principal.text)'", major, minor)
        }
    }
}

// MARK: - Texts

extension KerberosContext {
    private static func imported(_ name: GSSAPIName) throws(GSSAPIError) -> gss_name_t? {
        var minor: OM_uint32 = 0
        var imported: gss_name_t?
        let kind =
            switch name.kind {
            case .hostBased: xylem_gss_host_based_name()
            case .userName: xylem_gss_user_name()
            case .kerberosPrincipal: xylem_gss_kerberos_name()
            }
        let major = Array(name.text.utf8).withUnsafeBytes { text in
            var input = buffer(text)
            return gss_import_name(&minor, &input, kind, &imported)
        }
        guard xylem_gss_is_complete(major) != 0 else {
            throw error("'\(name.text)' is no name", major, minor)
        }
        return imported
    }

    private static func text(of name: gss_name_t?) -> String? {
        var minor: OM_uint32 = 0
        var output = gss_buffer_desc()
        let major = gss_display_name(&minor, name, &output, nil)
        defer { gss_release_buffer(&minor, &output) }
        guard xylem_gss_is_complete(major) != 0 else { return nil }
        return String(validating: octets(output), as: UTF8.self)
    }

    /// In the library's words, of which the mechanism's say more.
    private static func error(
        _ what: String,
        _ major: OM_uint32,
        _ minor: OM_uint32
    ) -> GSSAPIError {
        let reason = minor == 0 ? text(major, isMechanism: false) : text(minor, isMechanism: true)
        return GSSAPIError("\(what): \(reason)")
    }

    private static func text(_ status: OM_uint32, isMechanism: Bool) -> String {
        var lines: [String] = []
        var position: OM_uint32 = 0
        repeat {
            var minor: OM_uint32 = 0
            var output = gss_buffer_desc()
            _ = xylem_gss_text(status, isMechanism ? 1 : 0, &position, &output)
            lines.append(HandshakeFailure.printable(octets(output)))
            gss_release_buffer(&minor, &output)
        } while position != 0 && lines.count < 4
        return lines.joined(separator: "; ")
    }

    /// A library's view of octets, which it only reads.
    private static func buffer(_ octets: UnsafeRawBufferPointer) -> gss_buffer_desc {
        gss_buffer_desc(
            length: octets.count,
            value: UnsafeMutableRawPointer(mutating: octets.baseAddress)
        )
    }

    private static func octets(_ buffer: gss_buffer_desc) -> [UInt8] {
        Array(UnsafeRawBufferPointer(start: buffer.value, count: buffer.length))
    }
}
#endif
