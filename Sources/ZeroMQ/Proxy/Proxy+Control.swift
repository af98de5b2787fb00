/// Commands in messages, as `zmq_proxy_steerable` takes them.
extension Proxy {
    /// Does what a message says, `PAUSE`, `RESUME`, `TERMINATE` or `STATISTICS`, and gives the answer.
    ///
    /// - Parameter command: one frame of text.
    /// - Returns: for `STATISTICS` eight frames of 64 bits each, in this machine's order of octets, as libzmq's are: of the frontend
    ///   messages received, octets received, messages sent, octets sent, then the same of the backend. For the others an empty frame, and for
    ///   a command that is none the list of them.
    public func obey(_ command: Message) -> Message {
        switch command[0].text {
        case "PAUSE": pause()
        case "RESUME": resume()
        case "TERMINATE": terminate()
        case "STATISTICS": return Message(statistics.numbers.map { Frame($0) })
        default: return "unknown command; there are PAUSE, RESUME, TERMINATE and STATISTICS"
        }
        return ""
    }
}

extension Proxy.Statistics {
    /// What one side received, the other has sent.
    fileprivate var numbers: [[UInt8]] {
        let (into, out) = (forward, backward)
        return [
            into.messageCount, into.byteCount, out.messageCount, out.byteCount,
            out.messageCount, out.byteCount, into.messageCount, into.byteCount,
        ].map { number in withUnsafeBytes(of: UInt64(number)) { Array($0) } }
    }
}
