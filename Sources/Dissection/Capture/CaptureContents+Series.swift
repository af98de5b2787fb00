extension CaptureContents {
    /// Adds what the next file of the same capture says. `map` says which interface here each of the other's is, and is completed: one with the same place and
    /// description is the same.
    public mutating func append(_ other: CaptureContents, _ map: inout [Int]) {
        if format == .unknown { format = other.format }
        for (index, interface) in other.interfaces.enumerated() {
            if index >= map.count { map.append(place(of: interface, at: index, map, in: other)) }
            add(interface, to: map[index])
        }
        packetCount += other.packetCount
        byteCount += other.byteCount
        skippedByteCount += other.skippedByteCount
        excessLengthCount += other.excessLengthCount
        for (index, count) in other.noticeCounts.enumerated() { noticeCounts[index] += count }
        notices += other.notices.prefix(max(0, Self.noticeCountMax - notices.count))
        for comment in other.comments { addComment(comment) }
        omittedCommentCount += other.omittedCommentCount
        for address in other.names.keys.sorted() where names[address] == nil {
            if let name = other.names[address] { addName(name, of: address) }
        }
    }

    private mutating func place(
        of interface: CaptureInterface,
        at index: Int,
        _ map: [Int],
        in other: CaptureContents
    ) -> Int {
        if let continued = interface.continued, continued < map.count { return map[continued] }
        if index < interfaces.count, interfaces[index].isSame(as: interface),
            !map.contains(index)
        {
            return index
        }
        interfaces.append(interface.description)
        return interfaces.count - 1
    }

    private mutating func add(_ interface: CaptureInterface, to index: Int) {
        interfaces[index].packetCount += interface.packetCount
        interfaces[index].cutPacketCount += interface.cutPacketCount
        interfaces[index].drops.add(interface.drops)
    }
}

extension CaptureInterface {
    /// Itself, without what was counted.
    public var description: CaptureInterface {
        var interface = CaptureInterface(linkType: linkType, snapLength: snapLength)
        interface.name = name
        interface.note = note
        interface.filter = filter
        return interface
    }
}

extension CaptureDrops {
    /// Each file counts from its own beginning.
    fileprivate mutating func add(_ other: CaptureDrops) {
        func sum(_ left: Int?, _ right: Int?) -> Int? {
            guard let right else { return left }
            let (sum, overflows) = (left ?? 0).addingReportingOverflow(right)
            return overflows ? .max : sum
        }
        kernel = sum(kernel, other.kernel)
        interface = sum(interface, other.interface)
        betweenPackets = sum(betweenPackets, other.betweenPackets)
    }
}
