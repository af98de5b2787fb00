import Wire

/// What a shell is to do for a tree's link. Directives are executed in order; one speaks of the moment of its making.
public enum LinkDirective: Sendable {
    // MARK: Connections

    /// Dial both connections to a relay, and answer with `handleOpened` or `handleLost`.
    case dial(ParentLinkID, node: String)
    case close(ParentLinkID)
    /// Close when what was sent before has left.
    case closeFeed(ChildFeedID)

    // MARK: Commands

    case sendUp(LinkCommand, ParentLinkID)
    /// On the uplink.
    case sendUplink(LinkCommand, ParentLinkID)
    case sendDown(LinkCommand, ChildFeedID)
    /// On the child's uplink.
    case sendUplinkDown(LinkCommand, ChildUplinkID)

    // MARK: Messages

    /// Send a batch of these numbers with the messages of the ring that the child subscribes to.
    case feed(ChildFeedID, BatchHeader)
    /// Send batches flagged *past* of what the ring has of these topics.
    case sendPast(ChildFeedID, BatchHeader, [LinkTopic])
    /// Send a batch flagged *tail* with all the ring has of these numbers.
    case sendTail(ParentLinkID, BatchHeader)
    /// What the child subscribes to from the next batch on; the empty topic takes everything.
    case subscribe(ChildFeedID, [LinkTopic])
    case unsubscribe(ChildFeedID, LinkTopic)
    /// Give plain subscribers the messages of these numbers, in order; those of `repeats` only to subscriptions that have been made
    /// since the last set-back.
    case deliver(LinkNumbers, repeats: [LinkNumbers])
    /// Send own messages up, by their own sequence.
    case sendParcels(LinkNumbers, acknowledged: UInt64, origin: Int, ParentLinkID)
    /// Own messages from this sequence on take these numbers in the ring.
    case enter(sequence: UInt64, LinkNumbers)
    /// Own messages through this sequence are safe.
    case release(through: UInt64)

    // MARK: The ring and what is kept beside it

    /// Forget the messages of the ring through a number.
    case trim(through: UInt64)
    /// Forget the messages of the ring behind a number, and note that what is delivered from now on may be a repeat.
    case setBack(after: UInt64)
    /// Hand in again, in order, what `keep` was answered for.
    case takeKept(ParentLinkID)
    /// Forget what was kept through there.
    case forgetKept(ParentLinkID, through: LinkPosition)
    /// Forget the batches that were kept of numbers from there on: they are not of the tree's history.
    case forgetKeptBatches(ParentLinkID, from: UInt64)
    /// These numbers' messages are those that came with this tail.
    case adopt(TailID, LinkNumbers)
    case forgetTails

    // MARK: Others

    case ask(ArbiterRequest)
    /// Plain publishers of this relay are to send this topic, or no more.
    case setDemand(LinkTopic, Bool)
    /// A topic of our own is in effect from this number on.
    case inEffect([LinkTopic], from: UInt64)
    case report(LinkReport)
}

/// What a relay holds, as one of those says it that a new root asks.
public struct TailID: Hashable, Sendable {
    public var rawValue: Int
}

/// What is asked of who decides which relay is root (tree-link.md, "The arbiter").
public enum ArbiterRequest: Hashable, Sendable {
    /// Take a standby into service, by the root of this epoch.
    case takeIn(String, epoch: UInt64)
    case takeOut(String, epoch: UInt64)
    /// Make the asking relay root after this epoch, with the old root as its standby when it is the heir.
    case office(after: UInt64, service: [String])
}

/// What an operator is told, and what is counted.
public enum LinkReport: Hashable, Sendable {
    /// Numbers that cannot be had any more (G1).
    case gap(LinkNumbers)
    /// A child was overtaken by the ring's end.
    case childGap(String, LinkNumbers)
    /// The history behind this number was not the tree's (D7).
    case setBack(after: UInt64)
    /// Numbers whose messages died with their origins (F4).
    case void(LinkNumbers)
    case attached(to: String)
    case lostParent(String)
    case becameRoot(epoch: UInt64)
    /// A new root has waited for these in vain: if they live, they may be set back (F1).
    case gaveUp([String])
    case refused(by: String, LinkRefusal)
    /// A peer broke the rules; its connection ends.
    case fault(LinkFault)
    /// The table of origins is full.
    case originRefused(OriginID)
}
