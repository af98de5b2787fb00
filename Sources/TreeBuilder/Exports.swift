// A plan names the policy of its trees; that comes with `import TreeBuilder`, and the topology with a module of its own.
@_exported public import enum Vocabulary.OverflowPolicy
