import Testing

@testable import CryptoBox

struct CurveKeyTests {
    /// The pairs of libzmq's manual (zmq_curve): public, secret.
    static let known = [
        ("Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID", "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs"),
        ("rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7", "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"),
    ]

    @Test(arguments: known)
    func `a secret key has one public key`(publicText: String, secretText: String) throws {
        let pair = try #require(CurveKeyPair(secretText: secretText))
        #expect("\(pair.publicKey)" == publicText)
        #expect(CurvePublicKey(publicText) == pair.publicKey)
        #expect(pair.secretText == secretText)
    }

    @Test func `a pair does not print its secret`() throws {
        let pair = try #require(CurveKeyPair(secretText: Self.known[0].1))
        #expect("\(pair)" == Self.known[0].0)
    }

    @Test(arguments: ["", "HelloWorld", "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hI\""])
    func `what is no key is refused`(text: String) {
        #expect(CurvePublicKey(text) == nil)
        #expect(CurveKeyPair(secretText: text) == nil)
    }
}
