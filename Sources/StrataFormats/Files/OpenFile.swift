/// An open file.
package struct OpenFile: Hashable, Sendable {
    /// The system's number of it.
    package var descriptor: Int32
    /// The path it was opened by, for messages.
    package var path: String
}
