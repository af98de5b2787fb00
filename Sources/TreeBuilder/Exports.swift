// A plan names the policy of its trees, and who may take part; that comes with `import TreeBuilder`, and the topology with a module of its own.
@_exported public import struct Vocabulary.AccessList
@_exported public import enum Vocabulary.AllowedKeys
@_exported public import enum Vocabulary.OverflowPolicy
@_exported public import enum Vocabulary.SecurityProfile
