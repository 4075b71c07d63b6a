import StrataSchema

/// A finished node and what it costs.
struct SizedNode {
    var node: ConfigNode
    /// All nodes in it, itself included, with aliases written out.
    var size: Int
    /// The bytes of all keys and scalars in it, with aliases written out.
    var bytes: Int
    /// The lists and mappings within each other, itself included; 0 for a scalar.
    var height: Int
}
