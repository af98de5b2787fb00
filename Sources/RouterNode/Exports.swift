// What a relay's configuration and its answers name comes with `import RouterNode`.
@_exported public import struct CryptoBox.CurveCertificate
@_exported public import struct CryptoBox.CurveKeyPair
@_exported public import struct CryptoBox.CurvePublicKey
@_exported public import struct Routing.PlanIdentity
@_exported public import class Transports.AccessControl
@_exported public import struct Transports.AccessError
@_exported public import struct Transports.AccessRules
@_exported public import protocol Transports.PeerAuthenticator
@_exported public import struct Transports.PeerLimits
@_exported public import struct Transports.QueueLimit
@_exported public import struct Vocabulary.AccessList
@_exported public import struct Vocabulary.AddressBlock
@_exported public import struct Vocabulary.Endpoint
@_exported public import struct Vocabulary.EndpointError
@_exported public import enum Vocabulary.OverflowPolicy
@_exported public import struct ZMTP.HeartbeatOptions
