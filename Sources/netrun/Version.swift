/// The program's version.
enum Version {
    static let text = "netrun 0.1.0"
}
