/// What is wrong with a TSDU that should carry libzmq's framing. The stream goes on at the next message start.
///
/// The first three, sent by anybody, end a process that uses libzmq 4.3.4.
public enum FramingViolation: UInt8, CaseIterable, Error, Sendable {
    /// A TSDU without room for the offset word.
    case missingOffset
    /// The first message starts behind the TSDU's end.
    case offsetBeyondEnd
    /// A frame whose length of 0 does not even count its flags.
    case emptyFrame
    /// The offset word and the frames disagree about where the first message starts.
    case offsetMismatch
    /// A message longer than is accepted.
    case messageTooLong
}

extension FramingViolation: CustomStringConvertible {
    public var description: String {
        switch self {
        case .missingOffset: "the packet is too short for the message offset"
        case .offsetBeyondEnd: "the message offset lies behind the end of the packet"
        case .emptyFrame: "a frame has the impossible length 0"
        case .offsetMismatch: "the message offset does not agree with the frames"
        case .messageTooLong: "a message is longer than the limit for messages"
        }
    }
}
