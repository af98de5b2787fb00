import Rendering
import Wire
import ZMTP

/// What commands and subscriptions say.
extension ZMTPStream {
    func handleCommand(_ body: UnsafeRawBufferPointer) {
        let nameByteCount = body.first.map(Int.init) ?? 0
        guard nameByteCount > 0, nameByteCount < body.count
        else {
            report.unknownCommandCount += 1
            return
        }
        let name = PrintableText.text(body[1..<1 + nameByteCount])
        if name == "MESSAGE" {
            handleEncryption()
            return countEncrypted(frameCount: 1, byteCount: body.count)
        }
        if report.messageCount == 0, report.handshake.count < 8, !Self.traffic.contains(name) {
            report.handshake.append(name)
        }
        if report.isEncrypted, name != "ERROR" {
            // What these carry is sealed; that they were sent is all that can be known.
            if name == "READY" || name == "INITIATE" { report.isReady = true }
            return
        }
        let data = UnsafeRawBufferPointer(rebasing: body[(1 + nameByteCount)...])
        switch name {
        case "INITIATE": handleMetadata(data)
        case "HELLO": handleHello(data)
        case "WELCOME": break
        default: handlePlain(Command(body: body), body, data, name: name)
        }
    }

    private func handlePlain(
        _ command: Command,
        _ body: UnsafeRawBufferPointer,
        _ data: UnsafeRawBufferPointer,
        name: String
    ) {
        let part = { (range: Range<Int>) in UnsafeRawBufferPointer(rebasing: body[range]) }
        switch command {
        case .ready: handleMetadata(data)
        case .error(let reason):
            report.errorCount += 1
            if report.errors.count < 8 { report.errors.append(PrintableText.text(part(reason))) }
        case .subscribe(let topic):
            report.usesSubscriptionCommands = true
            handleSubscription(part(topic), isSubscribe: true)
        case .cancel(let topic):
            report.usesSubscriptionCommands = true
            handleSubscription(part(topic), isSubscribe: false)
        case .ping(_, let context):
            report.pingCount += 1
            if openPings.count >= 16 { openPings.removeFirst() }
            openPings.append((Array(part(context)), nanoseconds))
        case .pong(let context): handlePong(Array(part(context)))
        case .join, .leave, .unknown: report.unknownCommandCount += 1
        case .malformed:
            if name == "ERROR" {
                report.errorCount += 1
                if report.errors.count < 8 { report.errors.append(PrintableText.text(data)) }
            } else {
                report.unknownCommandCount += 1
            }
        }
    }

    private func handlePong(_ context: [UInt8]) {
        report.pongCount += 1
        guard let peer, let index = peer.openPings.firstIndex(where: { $0.context == context })
        else { return }
        peer.report.heartbeat.record(nanoseconds &- peer.openPings[index].nanoseconds)
        peer.openPings.removeFirst(index + 1)
    }

    /// PLAIN's user name; the password behind it is not for reports.
    private func handleHello(_ data: UnsafeRawBufferPointer) {
        guard let count = data.first.map(Int.init), count < data.count, report.properties.isEmpty
        else { return }
        report.properties.append(
            ZMTPReport.Property(
                name: "user (PLAIN)",
                value: PrintableText.text(data[1..<1 + count])
            )
        )
    }

    /// READY's properties, and those of PLAIN's INITIATE (RFC 37 "Metadata").
    private func handleMetadata(_ data: UnsafeRawBufferPointer) {
        report.isReady = true
        var offset = 0
        var node: String?
        var tree: String?
        while offset < data.count {
            let nameByteCount = Int(data[offset])
            let valueStart = offset + 1 + nameByteCount + 4
            guard nameByteCount > 0, valueStart <= data.count else { break }
            let valueByteCount = Int(BigEndian.loadUInt32(data, at: valueStart - 4))
            guard valueByteCount <= data.count - valueStart else { break }
            let name = PrintableText.text(data[offset + 1..<offset + 1 + nameByteCount])
            let value = PrintableText.text(data[valueStart..<valueStart + valueByteCount])
            offset = valueStart + valueByteCount
            switch name.lowercased() {
            case "socket-type": report.socketType = value
            case "identity": if !value.isEmpty { report.identity = value }
            default:
                if name.lowercased() == "x-xylem-node" { node = value }
                if name.lowercased() == "x-xylem-tree" { tree = value }
                if report.properties.count < Self.propertyCountMax {
                    report.properties.append(ZMTPReport.Property(name: name, value: value))
                }
            }
        }
        setRole()
        if let node { sink?.handleNode(node, tree: tree) }
    }

    func handleSubscription(_ topic: UnsafeRawBufferPointer, isSubscribe: Bool) {
        if isSubscribe { report.subscribeCount += 1 } else { report.cancelCount += 1 }
        sink?.handleInterest(Array(topic), isSubscribe: isSubscribe, at: nanoseconds)
        let key = Array(topic.prefix(255))
        let index: Int
        if let known = subscriptionIndexes[key] {
            index = known
        } else {
            guard report.subscriptions.count < Self.subscriptionCountMax else {
                report.leftOutSubscriptionCount += 1
                return
            }
            index = report.subscriptions.count
            subscriptionIndexes[key] = index
            report.subscriptions.append(ZMTPReport.Subscription(topic: PrintableText.text(topic)))
        }
        if isSubscribe {
            report.subscriptions[index].subscribeCount += 1
        } else {
            report.subscriptions[index].cancelCount += 1
        }
    }

    /// Whether a message's frame is CURVE's; libzmq does not mark them as commands.
    func isEncryptedMessage(_ body: UnsafeRawBufferPointer) -> Bool {
        if report.isEncrypted { return true }
        guard isMidstream, report.mechanism == nil, body.count >= 8, body[0] == 7,
            body[1..<8].elementsEqual("MESSAGE".utf8)
        else { return false }
        handleEncryption()
        return true
    }

    private func handleEncryption() {
        guard !report.isEncrypted else { return }
        report.isEncrypted = true
        sink?.handleEncryption()
    }

    func countEncrypted(frameCount: Int, byteCount: Int) {
        report.encryptedFrameCount += frameCount
        report.encryptedByteCount = report.encryptedByteCount &+ byteCount
    }

    /// Names that may come at any time after the handshake.
    private static let traffic: Set<String> = ["SUBSCRIBE", "CANCEL", "PING", "PONG", "MESSAGE"]
    private static let propertyCountMax = 32
    private static let subscriptionCountMax = 256
}
