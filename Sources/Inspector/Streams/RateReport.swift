extension StreamReport {
    /// How much data flowed, and how evenly: ODATA and RDATA with IP header and payload.
    public struct RateReport: Sendable, Equatable {
        /// One of the busiest milliseconds.
        public struct Burst: Sendable, Equatable {
            public var nanoseconds: Int64
            public var packetCount: Int
            public var byteCount: Int

            public init(nanoseconds: Int64, packetCount: Int, byteCount: Int) {
                self.nanoseconds = nanoseconds
                self.packetCount = packetCount
                self.byteCount = byteCount
            }
        }

        public var packetCount = 0
        public var byteCount = 0
        /// From the first data packet to the last.
        public var nanoseconds: Int64 = 0
        /// Milliseconds with data in them.
        public var busyMillisecondCount = 0
        /// Octets in a millisecond, over the busy ones.
        public var medianByteCount = 0
        public var ninetyNinthByteCount = 0
        /// The busiest milliseconds, the worst first.
        public var bursts: [Burst] = []

        public init() {}

        /// Over the whole time; 0 when that is nothing.
        public var packetsPerSecond: Double {
            nanoseconds > 0 ? Double(packetCount) / (Double(nanoseconds) / 1e9) : 0
        }

        public var bitsPerSecond: Double {
            nanoseconds > 0 ? Double(byteCount) * 8 / (Double(nanoseconds) / 1e9) : 0
        }

        /// Of the busiest millisecond.
        public var peakBitsPerSecond: Double {
            Double(bursts.first?.byteCount ?? 0) * 8_000
        }
    }

    /// libzmq's messages inside the data, in order and without gaps as far as the tap had it.
    public struct MessageReport: Sendable, Equatable {
        public struct Topic: Sendable, Equatable {
            public var text: String
            public var count: Int

            public init(text: String, count: Int) {
                self.text = text
                self.count = count
            }
        }

        /// Whole messages; `nil` when the data is not framed as libzmq does it.
        public var count = 0
        public var frameCount = 0
        /// Octets of the bodies of all frames.
        public var byteCount = 0
        public var byteCountMin = 0
        public var byteCountMax = 0
        public var multipartCount = 0
        /// Messages lost to this tap at least: places where reading had to begin anew at a later message.
        public var brokenCount = 0
        /// Packets whose contents are not libzmq's framing.
        public var foreign = Occurrences()
        /// Packets that end a libzmq subscriber by an assertion: TSDU shorter than 2 octets, or an offset beyond it.
        public var fatal = Occurrences()
        /// The most frequent; an estimate from below when there were more than fit.
        public var topics: [Topic] = []
        public var hasMoreTopics = false

        public init() {}
    }
}
