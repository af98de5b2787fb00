import Dissection

/// The receivers of a stream by the order in which they spoke first; bounded, and those left out are counted.
struct ReceiverList {
    private(set) var list: [StreamReport.Receiver] = []
    private var indexes: [IPAddress: Int] = [:]
    private var lastIndex = 0
    /// Packets of receivers that found no place.
    private(set) var leftOutPacketCount = 0
    private let countMax: Int

    init(countMax: Int = 0) {
        self.countMax = countMax
    }

    mutating func index(of address: IPAddress) -> Int? {
        if lastIndex < list.count, list[lastIndex].address == address { return lastIndex }
        if let index = indexes[address] {
            lastIndex = index
            return index
        }
        guard list.count < countMax else {
            leftOutPacketCount += 1
            return nil
        }
        list.append(StreamReport.Receiver(address: address))
        indexes[address] = list.count - 1
        lastIndex = list.count - 1
        return lastIndex
    }

    mutating func update(_ index: Int, _ change: (inout StreamReport.Receiver) -> Void) {
        change(&list[index])
    }
}
