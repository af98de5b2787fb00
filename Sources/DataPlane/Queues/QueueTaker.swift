/// Who takes what a `SendQueue` holds.
enum QueueTaker {
    case loop
    /// Nobody, until the other end has answered.
    case offered(QueueLink)
    case mailbox(QueueLink)

    /// The link, if messages go by it.
    var openLink: QueueLink? {
        if case .mailbox(let link) = self { link } else { nil }
    }

    /// The link, whether the other end has answered or not.
    var link: QueueLink? {
        switch self {
        case .loop: nil
        case .offered(let link), .mailbox(let link): link
        }
    }
}
