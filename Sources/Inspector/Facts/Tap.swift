/// Where packets were captured: an interface of a capture.
package struct Tap: Hashable, Comparable {
    package var capture: Int
    package var interface: Int

    package init(capture: Int, interface: Int) {
        self.capture = capture
        self.interface = interface
    }

    package static func < (left: Tap, right: Tap) -> Bool {
        left.capture != right.capture
            ? left.capture < right.capture : left.interface < right.interface
    }
}
