@testable import Routing
import Simulation
import Wire

/// What arrives, as octets.
extension LinkHost {
    func receive(_ name: String, _ body: [UInt8], on id: ConnectionID) {
        guard let end = ends[id] else { return }
        do throws(LinkFault) {
            switch name {
            case "BATCH":
                let (header, offset) = try BatchHeader.read(body)
                receive(header, LinkMessage.messages(of: body[offset...]), from: end)
            case "PARCEL":
                let (header, offset) = try ParcelHeader.read(body)
                receive(header, LinkMessage.messages(of: body[offset...]), from: end)
            default:
                guard let command = try LinkCommand(name: name, body: body) else {
                    return world.violate("\(name) is no command")
                }
                receive(command, from: end)
            }
        } catch {
            world.violate("\(self.name) cannot read \(name): \(error)")
        }
    }

    private func receive(_ command: LinkCommand, from end: End) {
        let now = world.network.now
        world.note("\(name) gets \(command)")
        switch end {
        case .parentFeed(let parent):
            if link.handle(command, from: parent, at: now) == .keep {
                kept[parent, default: []].append(.command(command))
            }
        case .parentUplink(let parent): link.handleUplink(command, from: parent, at: now)
        case .childFeed(let feed): link.handle(command, from: feed, at: now)
        case .childUplink(let uplink):
            if !link.handle(command, from: uplink, at: now) {
                world.violate("\(name) does not understand \(command)")
            }
        }
    }

    private func receive(_ header: BatchHeader, _ messages: [LinkMessage], from end: End) {
        world.note(
            "\(name) gets batch \(header.kind) \(header.epoch) \(String(describing: header.numbers)) \(messages)"
        )
        switch end {
        case .parentFeed(let parent): take(header, messages, from: parent)
        case .childFeed(let feed):
            let fate = link.handle(
                header,
                messageCount: messages.count,
                from: feed,
                at: world.network.now
            )
            handle(fate, header, messages, from: nil)
        case .parentUplink, .childUplink: world.violate("\(name) gets a batch on an uplink")
        }
    }

    func take(_ header: BatchHeader, _ messages: [LinkMessage], from parent: ParentLinkID) {
        let fate = link.handle(
            header,
            messageCount: messages.count,
            octetCount: messages.count * 20,
            from: parent,
            at: world.network.now
        )
        handle(fate, header, messages, from: parent)
    }

    private func handle(
        _ fate: BatchFate,
        _ header: BatchHeader,
        _ messages: [LinkMessage],
        from parent: ParentLinkID?
    ) {
        let numbered = zip(header.contained.flatMap { Array($0) }, messages)
        switch fate {
        case .ignore: break
        case .take(let rest):
            for (number, message) in numbered
            where rest.contained.contains(where: { $0.contains(number) }) {
                ring[number] = message
            }
        case .keep:
            if let parent { kept[parent, default: []].append(.batch(header, messages)) }
        case .keepTail(let tail):
            for (number, message) in numbered { tails[tail, default: [:]][number] = message }
        case .pass(let header, let above, let commands):
            for command in commands { send(command, on: dialled[above]?.feed) }
            send(header, messages, on: dialled[above]?.feed)
        }
    }

    private func receive(_ header: ParcelHeader, _ messages: [LinkMessage], from end: End) {
        guard case .childUplink(let uplink) = end else {
            return world.violate("\(name) gets a parcel, not from a child")
        }
        world.note("\(name) gets parcel \(header)")
        let fate = link.handle(
            header,
            messageCount: messages.count,
            octetCount: messages.count * 20,
            from: uplink,
            at: world.network.now
        )
        switch fate {
        case .ignore: break
        case .refuse: world.violate("\(name) refuses a parcel")
        case .pass(let header, let above, let commands):
            for command in commands { send(command, on: dialled[above]?.uplink) }
            send(header, messages, on: dialled[above]?.uplink)
        case .number(let places):
            for place in places {
                for number in place.numbers {
                    let sequence = place.sequence + (number - place.numbers.lowerBound)
                    ring[number] = messages[Int(sequence - header.first)]
                    world.numbered[number] = ring[number]
                }
            }
        }
    }
}
