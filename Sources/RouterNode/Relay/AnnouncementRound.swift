import Routing
import Transports
import ZMTP

/// One round of telling connections about changed interest: a change is encoded once for all that need the same octets,
/// not once for each.
struct AnnouncementRound {
    private struct Group {
        /// `nil` = plain publishers, which hear of every tree.
        var tree: TreeID?
        var form: SubscriptionForm
        var connections: [Connection]
        var frames: [UInt8] = []
    }

    private var groups: [Group] = []

    mutating func add(_ connection: Connection, of tree: TreeID?) {
        guard let form = connection.peer?.subscriptionForm else { return }
        if let index = groups.firstIndex(where: { $0.tree == tree && $0.form == form }) {
            groups[index].connections.append(connection)
        } else {
            groups.append(Group(tree: tree, form: form, connections: [connection]))
        }
    }

    mutating func append(_ topic: UnsafeRawBufferPointer, isSubscribe: Bool, in tree: TreeID) {
        for index in groups.indices where groups[index].tree == nil || groups[index].tree == tree {
            groups[index].form.append(
                topic: topic,
                isSubscribe: isSubscribe,
                to: &groups[index].frames
            )
        }
    }

    /// Sends what was appended, outside of every queue limit.
    func send() {
        for group in groups where !group.frames.isEmpty {
            for connection in group.connections {
                connection.sendControl(group.frames)
            }
        }
    }
}
