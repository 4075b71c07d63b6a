/// What a configuration may cost: anything larger is refused with a message.
public struct YAMLLimits: Hashable, Sendable {
    /// The most lists and mappings within each other; 64 by default.
    public var depth = 64
    /// The most values after aliases are written out; 100 000 by default.
    public var nodes = 100_000
    /// The most bytes of text, UTF-8, in keys and scalars after aliases are written out; 4 MiB by
    /// default.
    public var textBytes = 4 << 20
    /// The largest file in bytes; 1 MiB by default.
    public var fileBytes = 1 << 20
    /// The longest scalar in bytes of UTF-8; 64 KiB by default.
    public var scalarBytes = 1 << 16
    /// The most files in a chain of `extends`; 16 by default.
    public var extendsDepth = 16
    /// The most files read for one configuration; 100 by default.
    public var files = 100

    /// The limits by default.
    public static let standard = YAMLLimits()

    /// Creates the limits by default.
    public init() {}
}
