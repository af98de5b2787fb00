import Testing

@testable import CryptoBox

struct CurveCertificateTests {
    static let publicText = CurveKeyTests.known[0].0
    static let secretText = CurveKeyTests.known[0].1

    /// As CZMQ writes them.
    static let czmq = """
        #   ****  Generated on 2013-11-03 09:47:31 by CZMQ  ****
        #   ZeroMQ CURVE **Secret** Certificate
        #   DO NOT PROVIDE THIS FILE TO OTHER USERS nor change its permissions.

        metadata
            email = "ph@example.org"
            name = "Pieter Hintjens"
        curve
            public-key = "\(publicText)"
            secret-key = "\(secretText)"

        """

    @Test func `CZMQ's file is read`() throws {
        let certificate = try CurveCertificate(zpl: Self.czmq)
        #expect("\(certificate.publicKey)" == Self.publicText)
        #expect(certificate.keys?.secretText == Self.secretText)
        #expect(certificate.metadata.map(\.name) == ["email", "name"])
        #expect(certificate.metadata.map(\.value) == ["ph@example.org", "Pieter Hintjens"])
    }

    @Test func `what is written is read`() throws {
        let keys = try #require(CurveKeyPair(secretText: Self.secretText))
        let certificate = CurveCertificate(
            keys,
            metadata: [("name", "a \"b\" # c"), ("x-empty", "")]
        )
        let secret = try CurveCertificate(zpl: try #require(certificate.secretText))
        #expect(secret.keys?.secretText == Self.secretText)
        #expect(secret.metadata.map(\.value) == ["a \"b\" # c", ""])
        #expect(!certificate.publicText.contains(Self.secretText))
        let published = try CurveCertificate(zpl: certificate.publicText)
        #expect(published.publicKey == keys.publicKey)
        #expect(published.keys == nil && published.secretText == nil)
    }

    @Test(arguments: [
        ("", "there is no public-key under curve"),
        ("curve\n", "there is no public-key under curve"),
        ("public-key = \"\(publicText)\"", "there is no public-key under curve"),
        ("curve\n    public-key = \"short\"", "line 2: public-key is no Z85 of 32 octets"),
        ("curve\n    secret-key = short", "line 2: secret-key is no Z85 of 32 octets"),
        (
            "curve\n    public-key = \"\(CurveKeyTests.known[1].0)\"\n    secret-key = \"\(secretText)\"",
            "line 2: public-key is not the one that belongs to secret-key"
        ),
        (
            "curve\n  public-key = a",
            "line 2: a name stands four spaces to the right of what it belongs to"
        ),
        (
            "a\n        b = c",
            "line 2: a name stands four spaces to the right of what it belongs to"
        ),
        ("= b", "line 1: a name stands four spaces to the right of what it belongs to"),
        (
            "a = \"b",
            "line 1: after a name comes nothing, or '=' and a value, which may be in quotes"
        ),
        (
            "a b",
            "line 1: after a name comes nothing, or '=' and a value, which may be in quotes"
        ),
    ])
    func `what is no certificate is refused, with its line`(text: String, problem: String) {
        #expect {
            try CurveCertificate(zpl: text)
        } throws: {
            "\($0)" == problem
        }
    }

    @Test func `ZPL's forms are read`() throws {
        let text = try ZPLText(
            "# comment\n\na = 1 # one\nb\n    c = 'x \"y\"'  # two\n    d\n        e=\"#\"\nf =\r\ng = h i\n"
        )
        #expect(
            text.properties.map { "\($0.path)=\($0.value)" } == [
                "a=1", "b=", "b/c=x \"y\"", "b/d=", "b/d/e=#", "f=", "g=h i",
            ]
        )
        #expect(text["b/c"] == "x \"y\"" && text["c"] == nil)
    }
}
