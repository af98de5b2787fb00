import Rendering

/// Where each topic stands among the subscriptions of a report.
struct SubscriptionTable {
    private var indexes: [[UInt8]: Int] = [:]

    mutating func record(
        _ topic: UnsafeRawBufferPointer,
        isSubscribe: Bool,
        in report: inout ZMTPReport
    ) {
        guard let index = index(of: topic, in: &report) else {
            report.leftOutSubscriptionCount += 1
            return
        }
        if isSubscribe {
            report.subscriptions[index].subscribeCount += 1
        } else {
            report.subscriptions[index].cancelCount += 1
        }
    }

    private mutating func index(
        of topic: UnsafeRawBufferPointer,
        in report: inout ZMTPReport
    ) -> Int? {
        let key = Array(topic.prefix(255))
        if let known = indexes[key] { return known }
        let index = report.subscriptions.count
        guard index < Self.subscriptionCountMax else { return nil }
        indexes[key] = index
        report.subscriptions.append(ZMTPReport.Subscription(topic: PrintableText.text(topic)))
        return index
    }

    private static let subscriptionCountMax = 256
}
