"""What a person reads of a benchmark."""

COLUMNS = [
    ("subscriptions", "subscriptions", "{:,.0f}", True),
    ("nanosecondsPerDelivery", "CPU ns/delivery", "{:,.1f}", False),
    ("deliveriesPerSecond", "deliveries/s", "{:,.0f}", True),
    ("timesCipherAndPlain", "of cipher and plain relay", "{:,.2f}", False),
    ("peakMegabytes", "peak MB", "{:,.1f}", False),
    ("readySeconds", "ready s", "{:,.2f}", False),
    ("joinSeconds", "joined after s", "{:,.2f}", False),
    ("joinMicroseconds", "CPU µs/join", "{:,.1f}", False),
    ("coreShare", "CPU, share of a core", "{:,.4f}", False),
    ("pingMicroseconds", "CPU µs/PING", "{:,.1f}", False),
    ("bytesPerSubscription", "bytes/subscription", "{:,.0f}", False),
    ("messagesPerSecond", "messages/s", "{:,.0f}", True),
    ("roundTripMicroseconds", "round trip, mean µs", "{:,.1f}", False),
    ("medianMicroseconds", "median µs", "{:,.1f}", False),
    ("percentile99Microseconds", "99 % µs", "{:,.1f}", False),
    ("nanosecondsPerMessage", "CPU ns/message", "{:,.0f}", False),
    ("bytesPerConnection", "bytes/connection", "{:,.0f}", False),
    ("megabytesPerSecond", "MB/s", "{:,.1f}", True),
    ("publisherCPUSeconds", "publisher CPU s", "{:,.3f}", False),
    ("publisherNanoseconds", "publisher CPU ns/message", "{:,.0f}", False),
    ("receiverNanoseconds", "receiver CPU ns/message", "{:,.0f}", False),
    ("publisherCore", "publisher, share of a core", "{:,.3f}", False),
    ("shareOfLossFree", "of the loss-free rate", "{:,.2f}", True),
    ("repairs", "messages repaired", "{:,.0f}", True),
    ("repairMedianMilliseconds", "repair median ms", "{:,.2f}", False),
    ("repair99Milliseconds", "repair 99 % ms", "{:,.2f}", False),
    ("lost", "messages lost", "{:,.0f}", False),
    ("ratio", "moves for each orphan", "{:,.2f}", False),
    ("medianInflation", "radius ×, median", "{:,.3f}", False),
    ("percentile95Inflation", "radius ×, 95 %", "{:,.3f}", False),
    ("mostInflation", "radius ×, most", "{:,.3f}", False),
    ("medianMilliseconds", "repair ms, median", "{:,.2f}", False),
    ("mostMilliseconds", "repair ms, most", "{:,.2f}", False),
    ("wallSeconds", "wall s", "{:,.3f}", False),
    ("cpuSeconds", "CPU s", "{:,.3f}", False),
]


def ratio(libzmq, xylem, is_more_better):
    """How many times better Xylem is."""
    better, worse = (xylem, libzmq) if is_more_better else (libzmq, xylem)
    return f"{better / worse:.2f}" if worse > 0 else ""


def table_lines(results):
    lines = [["", "figure", "libzmq", "xylem", "times better", "aim"]]
    for result in results:
        libzmq, xylem = result.get("libzmq", {}), result.get("xylem", {})
        name = result["name"]
        for key, title, form, is_more_better in COLUMNS:
            if key not in libzmq and key not in xylem:
                continue
            cells = [form.format(side[key]) if key in side else "–" for side in (libzmq, xylem)]
            both = key in libzmq and key in xylem
            better = ratio(libzmq[key], xylem[key], is_more_better) if both else ""
            lines.append([name, title, *cells, better, result["aims"].get(key, "")])
            name = ""
        for side in ("libzmq", "xylem"):
            failure = result.get(side, {}).get("failure")
            if failure is not None:
                lines.append([name, f"{side} failed: {failure}", "", "", "", ""])
                name = ""
    return lines


def print_table(results):
    lines = table_lines(results)
    # A failure's text runs over the empty columns after it.
    narrow = [line for line in lines if any(line[2:5])]
    widths = [max(len(line[column]) for line in narrow) for column in range(6)]
    for line in lines:
        if not any(line[2:5]):
            print(f"{line[0]:<{widths[0]}}  {line[1]}")
            continue
        left = [f"{cell:<{width}}" for cell, width in zip(line[:2], widths[:2])]
        right = [f"{cell:>{width}}" for cell, width in zip(line[2:5], widths[2:5])]
        print("  ".join([*left, *right, line[5]]).rstrip())
