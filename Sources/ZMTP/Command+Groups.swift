extension Command {
    /// JOIN: from now on the DISH wants the messages of that group (RFC 37 "The Radio-Dish Pattern"). Older peers are told in the same way:
    /// there is no other form.
    public static func joinFrame(group: some Sequence<UInt8>) -> [UInt8] { frame("JOIN", group) }

    /// LEAVE: it does not want them any more.
    public static func leaveFrame(group: some Sequence<UInt8>) -> [UInt8] { frame("LEAVE", group) }
}
