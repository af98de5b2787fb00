/// A way for messages from one end of a stream to the other beside the stream, where both ends are in one process.
///
/// Offered in its place among the octets, so that whoever opens it has all that was sent before. The connection goes on as it is, for
/// whatever else there is to say.
package protocol StreamBypass: AnyObject, Sendable {
    /// What has gone by it.
    var traffic: TrafficCount { get }
    /// What waits to go by it goes now, as far as the other end has room.
    func advance()
    /// It is not wanted, or not any more; on any thread.
    func end()
}
