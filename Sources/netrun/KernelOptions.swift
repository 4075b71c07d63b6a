import ArgumentParser
import StrataGraph
import StrataKernels

/// The value of `--kernels`.
enum KernelOptions {
    /// The kernels of a name.
    static func table(named name: String) throws -> Kernels {
        if let kernels = Kernels.named(name) { return kernels }
        let known = Kernels.all.map(\.name).joined(separator: ", ")
        throw ValidationError("this machine has no kernels '\(name)'; it has \(known)")
    }

    /// The kernels that compute, and why those that were asked for are not among the words.
    static func words(
        _ used: String, askedFor asked: String?, precision: Precision
    ) -> String {
        guard let asked, asked != used else { return used }
        return "\(used) (what \(asked) uses in \(precision))"
    }
}
