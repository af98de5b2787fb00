// What a client of the sockets names comes with `import ZeroMQ`, whatever module it lives in. `Tests/Stranger` is such a client.

// Endpoints, and what options are made of.
@_exported public import struct PGM.ParityOptions
@_exported public import struct Transports.DatagramOptions
@_exported public import struct Transports.IPCOptions
@_exported public import struct Transports.MulticastOptions
@_exported public import struct Transports.PeerLimits
@_exported public import struct Transports.QueueLimit
@_exported public import struct Transports.ReconnectStop
@_exported public import struct Transports.SealKeyError
@_exported public import struct Transports.SealKeyring
@_exported public import struct Transports.SOCKSProxy
@_exported public import struct Transports.SocketActivation
@_exported public import struct Transports.TCPOptions
@_exported public import struct Transports.TLSOptions
@_exported public import struct Vocabulary.Endpoint
@_exported public import struct Vocabulary.EndpointError
@_exported public import enum Vocabulary.OverflowPolicy
@_exported public import struct ZMTP.HeartbeatOptions
@_exported public import struct ZMTP.Metadata

// Who may connect.
@_exported public import struct CryptoBox.CertificateError
@_exported public import struct CryptoBox.CurveCertificate
@_exported public import struct CryptoBox.CurveKeyPair
@_exported public import struct CryptoBox.CurvePublicKey
@_exported public import enum CryptoBox.Z85
@_exported public import class Transports.AccessControl
@_exported public import struct Transports.AccessError
@_exported public import struct Transports.AccessRules
@_exported public import struct Transports.ClosureAuthenticator
@_exported public import protocol Transports.PeerAuthenticator
@_exported public import struct Transports.PeerIntroduction
@_exported public import struct Vocabulary.AddressBlock
@_exported public import struct ZMTP.Admission
@_exported public import enum ZMTP.AuthenticationVerdict
@_exported public import enum ZMTP.Security
@_exported public import enum ZMTP.ZAP
@_exported public import enum ZMTP.ZAPError
@_exported public import struct ZMTP.AuthenticationRequest
@_exported public import struct ZMTP.ZAPReply
@_exported public import struct ZMTP.ZAPRequest

// What a monitor sees.
@_exported public import struct PGM.RepairTimes
@_exported public import struct PGM.SequenceNumber
@_exported public import struct PGM.TransportSessionID
@_exported public import enum ZMTP.DisconnectReason
@_exported public import struct Transports.AcceptPause
@_exported public import struct Transports.ConnectionEnds
@_exported public import struct Transports.OutboxCounters
@_exported public import struct Transports.PeerStatistics
@_exported public import struct Transports.TrafficCount
@_exported public import struct Vocabulary.DropCounts
@_exported public import enum Vocabulary.DropReason
@_exported public import struct ZMTP.RoundTripTime
@_exported public import enum Transports.MulticastEvent
@_exported public import struct Transports.MulticastLoss
@_exported public import struct Transports.MulticastPeer
@_exported public import enum ZMTP.PeerLimit
@_exported public import enum Transports.SocketEvent
@_exported public import enum ZMTP.FrameViolation
@_exported public import enum ZMTP.HandshakeFailure
@_exported public import struct ZMTP.RemotePeer
@_exported public import enum ZMTP.SocketType
@_exported public import struct ZMTP.StallWatch
