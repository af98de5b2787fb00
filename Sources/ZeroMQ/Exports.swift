// What a client of the sockets names comes with `import ZeroMQ`, whatever module it lives in.
@_exported public import struct Vocabulary.Endpoint
@_exported public import struct Vocabulary.EndpointError
@_exported public import enum Vocabulary.OverflowPolicy
