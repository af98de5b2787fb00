import Wire

/// The rules of the tree link that were each broken in its model, and are each broken in the tests: without it messages are
/// lost, doubled or stuck (tree-link.md, "What each rule prevents").
///
/// The raw value is the name of the mutation.
enum LinkRule: String, CaseIterable, Sendable {
    // MARK: Down the tree

    /// D4: a child that is ahead of its new parent is sent nothing twice.
    case nothingTwice = "noskip"
    /// D4: a parent that is behind its child answers SYNC only when it has caught up.
    case answerWhenCaughtUp = "syncahead"
    /// D5: a new parent looks whether its ring has the child's topics since then.
    case coverage = "nocoverage"
    /// D6: what an open SYNC asks for is not cancelled.
    case openSyncStays = "cancelopen"
    /// D6: a subscription counts from SYNCED on.
    case effectiveWhenSynced = "earlyeffective"
    /// D6: SYNCED stands in a stream where the parent has the topics itself.
    case syncedInPlace = "syncnow"
    /// D7: who is set back does not give again what it has given already.
    case noRepeatAfterSetBack = "noforeign"
    /// D8: children learn that their parent has become root, or ceased to be.
    case parentsOfficeIsKnown = "rootunaware"

    // MARK: Attaching and moving

    /// A3: a root's orphan is taken by nobody but a root, or who is fed by the very same root.
    case orphanOfRoot = "adoptorphan"
    /// A4: standbys know the root's children.
    case roster = "noroster"
    /// A4: a root serves a new child only when the standbys know it.
    case rosterBeforeServing = "norosterwait"
    /// A4: a roster holds all children that have come, served or not.
    case rosterHasHeld = "rosterlive"
    /// A4: a roster forgets a child with its last link, not with an older one.
    case rosterForgetsLastLink = "rxblind"
    /// A4: a roster forgets a child behind all that it was sent.
    case removalInPlace = "rxearly"
    /// A4: a newer connection is looked for when the removal is sent, not before.
    case removalIsFresh = "rxstale"
    /// A5: what a new parent sends ahead is kept until the move is done.
    case keepAhead = "keepnothing"
    /// A5: while a relay moves, changes of interest go to both parents.
    case bothParentsAreAsked = "oldinterest"
    /// A6: a child of the root moves away only when the standbys hold all it has.
    case leaveWhenStable = "leaveunstable"
    /// A7: who loses the root drops the parent it was about to move to.
    case dropCandidateWithRoot = "keepcandidate"

    // MARK: Up the tree

    /// U2: a change of the way up makes the origins below send again.
    case resend = "noresend"
    /// U2: RESEND goes on every uplink, also where the feed has not resumed yet.
    case resendOnEveryUplink = "resendtokids"
    /// U3: the root takes each origin's messages in sequence only.
    case inSequence = "anyorder"
    /// U3: the root drops repeats.
    case noRepeats = "nodedupe"
    /// U4: acknowledge only what the standbys hold.
    case acknowledgeWhatIsHeld = "ackearly"
    /// U4: acknowledge only what every standby in service holds.
    case acknowledgeWhatAllHold = "ackone"
    /// U5: the old root's demand lingers.
    case oldDemandLingers = "forgetdemand"
    /// U5: what is wanted at and below a standby is demand.
    case standbysWantsCount = "mirrordemand"
    /// U5: a lost child's interest lingers.
    case lostInterestLingers = "nolinger"

    // MARK: The root

    /// C3: a whole roster stands behind all that anybody may have.
    case rosterInPlace = "rosterearly"
    /// C3: a lost standby counts until the arbiter has it out of service.
    case lostStandbyCounts = "serviceblind"
    /// F1: who still listens to the old root has not answered the new one.
    case candidateIsNoAnswer = "candidateanswers"
    /// F1: the roots since its own epoch are asked as well, if they live.
    case awaitOldRoots = "noawaitold"
    /// F1: a new root asks the children of the old one.
    case collect = "nocollect"
    /// F1: who has answered a new root takes nothing of its candidate any more.
    case answerEndsMove = "tailmoves"
    /// F2: a tail includes those of children that are ahead.
    case tailsOfThoseAhead = "noahead"
    /// F3: tails start at the end of the asking relay's epoch, if that is lower.
    case tailFromEndOfEpoch = "tailhole"
    /// F4, B1: numbers that nobody has a message of keep their origin, and are filled by it.
    case numbersKeepTheirOrigin = "void"
    /// F4, F5: an adopted number is not served before it is filled.
    case serveWhenFilled = "nofill"
    /// F5: a new root's own children wait for HEARD, too.
    case ownChildrenWait = "ownkids"
    /// H1: HANDOVER follows the last number, which the heir holds.
    case handOverInPlace = "handoverearly"
    /// H3: an heir serves only when the old root is its standby.
    case heirWaits = "heirserves"
    /// H3, H4: heir and old root ask the arbiter.
    case oneOffice = "twooffices"
}

/// Which rules a link keeps: all of them. Tests break one and look for the harm; what is built for use has no such switch.
struct LinkRules: Sendable {
    #if DEBUG
    var broken: LinkRule?

    func keeps(_ rule: LinkRule) -> Bool { rule != broken }
    #else
    @inline(__always) func keeps(_ rule: LinkRule) -> Bool { true }
    #endif
}
