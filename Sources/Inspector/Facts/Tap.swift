/// Where packets were captured: an interface of a capture.
public struct Tap: Hashable, Comparable, Sendable {
    /// Index of the capture.
    public var capture: Int
    /// Index of the interface within the capture.
    public var interface: Int

    public init(capture: Int, interface: Int = 0) {
        self.capture = capture
        self.interface = interface
    }

    public static func < (left: Tap, right: Tap) -> Bool {
        left.capture != right.capture
            ? left.capture < right.capture : left.interface < right.interface
    }
}
