/// The address part of `ws://` and `wss://`: a host and a port, as in `tcp://`, and the path of the request.
///
///     ws://example.com:8080/quotes      ws://*:8080
///
/// A bind without a path takes every request; a connect without one asks for `/`.
package struct WebSocketAddress: Hashable, Sendable {
    /// `host:port`
    package var place: String
    /// With the leading slash, and the query if there is one; `nil` = none was written.
    package var target: String?

    package init(_ endpoint: Endpoint) throws(EndpointError) {
        let text = endpoint.address
        guard let slash = text.firstIndex(of: "/") else {
            place = text
            return
        }
        let target = String(text[slash...])
        // It goes into the first line of a request.
        guard target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw EndpointRefusal(endpoint: endpoint)(
                "a path has printable ASCII characters and no blanks; write others as %20"
            )
        }
        place = String(text[..<slash])
        self.target = target
    }

    /// The target without its query.
    package var path: String? { target.map { String($0.prefix { $0 != "?" }) } }

    /// The value of a parameter of a target's query, as in `/?type=SUB`.
    package static func parameter(_ name: String, of target: String) -> String? {
        guard let mark = target.firstIndex(of: "?") else { return nil }
        for pair in target[target.index(after: mark)...].split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, parts[0] == name { return String(parts[1]) }
        }
        return nil
    }
}
