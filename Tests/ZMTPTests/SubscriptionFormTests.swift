import Testing
import ZMTP

/// RFC 37 "The Publish-Subscribe Pattern"; RFC 23 for the older form. Captured from libzmq 4.3.4.
struct SubscriptionFormTests {
    static func frame(_ form: SubscriptionForm, _ topic: [UInt8], isSubscribe: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        topic.withUnsafeBytes { form.append(topic: $0, isSubscribe: isSubscribe, to: &bytes) }
        return bytes
    }

    @Test(arguments: [
        (SubscriptionForm.command, true, "", "04 0A 09 \"SUBSCRIBE\""),
        (.command, true, "41", "04 0B 09 \"SUBSCRIBE\" 41"),
        (.command, false, "", "04 07 06 \"CANCEL\""),
        (.command, false, "41", "04 08 06 \"CANCEL\" 41"),
        (.message, true, "", "00 01 01"),
        (.message, true, "41", "00 02 01 41"),
        (.message, false, "", "00 01 00"),
        (.message, false, "41", "00 02 00 41"),
        // The longest topics of a short frame, and one more.
        (.command, true, "5A*245", "04 FF 09 \"SUBSCRIBE\" 5A*245"),
        (.command, true, "5A*246", "06 00*6 01 00 09 \"SUBSCRIBE\" 5A*246"),
        (.command, false, "5A*248", "04 FF 06 \"CANCEL\" 5A*248"),
        (.command, false, "5A*249", "06 00*6 01 00 06 \"CANCEL\" 5A*249"),
        (.message, true, "5A*254", "00 FF 01 5A*254"),
        (.message, false, "5A*255", "02 00*6 01 00 00 5A*255"),
    ])
    func `a subscription has the peer's form`(
        _ form: SubscriptionForm,
        _ isSubscribe: Bool,
        _ topic: String,
        _ golden: String
    ) {
        #expect(Self.frame(form, octets(topic), isSubscribe: isSubscribe) == octets(golden))
    }

    @Test(arguments: [
        (UInt8(0), SubscriptionForm.message), (1, .command), (2, .command), (255, .command),
    ])
    func `the peer's minor version chooses the form`(
        _ minor: UInt8,
        _ form: SubscriptionForm
    ) {
        #expect(RemotePeer(socketType: .sub, minorVersion: minor).subscriptionForm == form)
    }
}
