extension Int {
    /// The number with what it counts: `1 epoch`, `2 epochs`.
    func counted(_ noun: String) -> String { "\(self) \(noun.plural(self))" }
}

extension String {
    /// The noun for a number of things.
    func plural(_ count: Int) -> String { count == 1 ? self : self + "s" }
}
