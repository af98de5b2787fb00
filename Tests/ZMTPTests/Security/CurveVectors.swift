@testable import ZMTP

/// The octets of one CURVE connection, a SUB to a PUB, whose keys and randomness count up. They were put together with
/// libsodium's plain calls, field by field as RFC 26 lists them, by a program that shares nothing with ours.
enum CurveVectors {
    /// c, the client's long-term key.
    static let clientSecret = counting(from: 1, 32)
    /// s, the server's.
    static let serverSecret = counting(from: 33, 32)
    /// c' and the vouch's nonce.
    static let clientRandomness = counting(from: 65, 48)
    /// s', the cookie's key, and the nonces of WELCOME and cookie.
    static let serverRandomness = counting(from: 113, 96)

    static func counting(from first: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8((first + $0) % 256) }
    }

    static let hello = octets(
        """
        04 C8 05 48 45 4C 4C 4F 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
        00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
        00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 64 B1 01 B1 D0 BE 5A 87 04 BD 07 8F 98 95
        00 1F C0 3E 8E 9F 95 22 F1 88 DD 12 8D 98 46 D4 84 66 00 00 00 00 00 00 00 01 C3 83 C4 63 AB 52
        18 11 62 C9 39 0F 45 59 C0 40 5D 3C 26 37 64 8D 5C 8F 66 40 10 B0 E7 42 25 D5 D8 87 44 2A 96 1C
        0E 49 C7 CF 4B 17 14 A2 58 47 AD 10 C1 84 75 45 59 54 B4 08 03 F9 9C 24 06 9E 1F 20 5E 75 DC 15
        6B 08 0B A1 88 2A CB AF 15 8D
        """
    )

    static let welcome = octets(
        """
        04 A8 07 57 45 4C 43 4F 4D 45 B1 B2 B3 B4 B5 B6 B7 B8 B9 BA BB BC BD BE BF C0 C5 2B 93 B4 71 A1
        D8 A9 F2 49 DA E6 A0 FD 6E 5D 2E 83 7E 4D 3D 76 F6 61 72 74 A2 2B 59 0E 1B 15 23 40 F4 17 FE 23
        4B 58 3C C3 1F E9 65 68 7B 28 4A 09 36 70 55 71 5A 61 EA E2 C6 06 10 D0 FF CA 41 00 82 DC 3B 8D
        F7 BD 02 27 58 E4 DF 40 9E 69 77 81 7C 95 5E 65 78 E5 97 76 42 EC CF 00 63 42 95 A0 19 CF AC 2B
        12 D4 F1 7E 8F 6F 57 05 20 96 3E 2A 42 01 AE 28 24 2A 71 FF AD F1 25 98 30 E4 D5 C7 D0 93 68 B0
        33 B9 F1 15 AE 5B F1 08 77 7A
        """
    )

    static let initiate = octets(
        """
        06 00 00 00 00 00 00 01 14 08 49 4E 49 54 49 41 54 45 C1 C2 C3 C4 C5 C6 C7 C8 C9 CA CB CC CD CE
        CF D0 47 42 15 94 6D D0 08 FC 59 84 D0 60 F6 12 37 36 6C FB 86 79 DF 4C 7E 70 A3 B1 7B 1D F0 EA
        8A DA AB D2 CE AB B0 8E 0F CE 32 9C 09 94 E5 58 26 E7 B8 DF 14 DD CF AB 53 87 44 2C 02 C2 B0 68
        4E 95 4E 38 6A 0E D5 97 E4 C7 66 4A 73 16 E7 82 D7 39 00 00 00 00 00 00 00 02 3D AE 2A BC 5D F7
        2D 76 B2 3B 9C 33 64 5C 2C D3 BA 41 BD 23 99 0E 04 B8 EA 7D 43 C1 D2 E7 3C 2F FC ED 2C 9F 11 17
        4C F4 02 0D 61 75 45 86 D3 F1 3E A9 3E 5F 2A 13 FC BF A8 91 C6 13 19 61 3D 29 BC DF 52 3E B3 30
        34 3B 7B B7 34 7C A8 D8 D5 5E 21 42 D9 16 E0 C7 F7 32 1E 71 E4 E3 DD 02 94 A2 45 D0 84 D2 AB 84
        3C 37 70 59 1F 46 7B 28 0E 6E C4 2B 01 CC 98 45 F1 23 EF F6 DA 89 DB 94 D6 E2 37 58 13 05 6E 58
        C6 12 6A 77 7C 67 06 91 0F 7A A2 94 71 9E 6E 1D 4B 82 83 02 E5 3B 6E 28 C6 30 DD 69 89
        """
    )

    static let ready = octets(
        """
        04 31 05 52 45 41 44 59 00 00 00 00 00 00 00 01 AD 83 BC 3C 7C 28 EC D3 32 BA 76 B0 9D B2 19 21
        C3 1A 4B 31 1A 45 91 38 87 1E D8 21 A5 AA 80 11 A1 95 2C
        """
    )

    static let subscription = octets(
        """
        00 2D 07 4D 45 53 53 41 47 45 00 00 00 00 00 00 00 03 1E E8 FB C2 B1 65 56 07 46 90 38 E4 47 06
        5A A2 A0 83 CC 96 01 D8 CB 56 5E 06 AD 92 FF
        """
    )

    static let twoFrames = octets(
        """
        00 24 07 4D 45 53 53 41 47 45 00 00 00 00 00 00 00 02 0B A3 F2 ED 76 B0 6D 35 9D 1B 5F 7F DE 76
        B6 22 EA A2 F8 A3 00 21 07 4D 45 53 53 41 47 45 00 00 00 00 00 00 00 03 9B 81 EA 81 FE A1 93 24
        3F 2E F1 A8 74 0F E6 87 04
        """
    )
}
