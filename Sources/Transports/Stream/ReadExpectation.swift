/// What a connection will bring.
package enum ReadExpectation: Sendable {
    /// A few octets: a subscriber's subscriptions.
    case requests
    /// Nothing, or little, or many messages at once: any peer of an application.
    case bursts
    /// Much, and for many: a relay's publishers and parents, of which there are few.
    case bulk
}
