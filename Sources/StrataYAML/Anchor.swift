import StrataSchema

/// A node that has a name for aliases; without a target while the node is still being read.
struct Anchor {
    var location: SourceLocation
    var target: SizedNode?
}
