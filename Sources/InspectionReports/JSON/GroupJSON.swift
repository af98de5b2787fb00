import Inspector
import Rendering

/// The members of a multicast group for programs.
enum GroupJSON {
    static func value(of group: GroupReport) -> JSONValue {
        .object([
            "capture": .integer(group.capture),
            "interface": .integer(group.interface),
            "group": .string("\(group.group)"),
            "queries": .integer(group.queryCount),
            "membersLeftOut": .integer(group.leftOutMemberCount),
            "members": .array(
                group.members.map {
                    .object([
                        "address": .string("\($0.address)"),
                        "joined": .time($0.joinedNanoseconds),
                        "left": .time($0.leftNanoseconds),
                        "isMember": .bool($0.isJoined),
                        "joins": .integer($0.joinCount),
                        "reports": .integer($0.reportCount),
                        "leaves": .integer($0.leaveCount),
                        "joinToDataMs": .milliseconds($0.joinToDataNanoseconds),
                        "joinedWhileFlowing": .bool($0.hasJoinedFlowing),
                    ])
                }
            ),
        ])
    }
}
