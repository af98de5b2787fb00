// What AddressSanitizer must see: `planted-address overrun` reads behind an allocation; `planted-address clean` does not.
let count = 16
let octets = UnsafeMutablePointer<UInt8>.allocate(capacity: count)
octets.initialize(repeating: 1, count: count)
let end = CommandLine.arguments.last == "overrun" ? count : count - 1
print(octets[end])
octets.deallocate()
