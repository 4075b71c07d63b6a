import ArgumentParser
import StrataKernels

/// The value of `--kernels`.
enum KernelOptions {
    /// The kernels of a name.
    static func table(named name: String) throws -> Kernels {
        if let kernels = Kernels.named(name) { return kernels }
        let known = Kernels.all.map(\.name).joined(separator: ", ")
        throw ValidationError("this machine has no kernels '\(name)'; it has \(known)")
    }
}
