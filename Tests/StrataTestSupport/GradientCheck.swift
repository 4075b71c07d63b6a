import StrataGraph

/// Compares the gradients of the reference tape with finite differences of its loss.
package enum GradientCheck {
    /// The parameters whose gradients are wrong, in words; empty where all are right.
    ///
    /// - Parameters:
    ///   - samples: how many numbers of each parameter are tried; nil: all of them.
    ///   - tolerance: the largest error in terms of the gradient.
    ///   - floor: the error that is always allowed, for gradients near zero; it grows with the
    ///     loss, whose last digits a difference loses.
    package static func problems(
        in test: NetworkCase, samples: Int? = nil, tolerance: Double = 1e-5, floor: Double = 1e-8
    ) -> [String] {
        let result = test.reference(.training)
        let gradients = result.gradients
        guard let loss = result.loss, !gradients.isEmpty else {
            return ["\(test): there are no gradients"]
        }
        var random = CaseRandom(seed: test.randomKey)
        var parameters = test.parameters.map { $0.map(Double.init) }
        var problems: [String] = []
        for (index, gradient) in gradients.enumerated() {
            var places = Array(gradient.values.indices)
            if let samples, samples < places.count {
                places = Array(places.shuffled(using: &random).prefix(samples))
            }
            for place in places {
                let difference = slope(of: test, &parameters, index, place)
                let value = gradient.values[place]
                let allowed =
                    floor * max(1, 0.1 * abs(loss)) + tolerance * max(abs(value), abs(difference))
                guard abs(value - difference) <= allowed else {
                    problems.append(
                        "\(test): \(gradient.name)[\(place)] is \(value), the loss changes by "
                            + "\(difference)")
                    break
                }
            }
        }
        return problems
    }

    /// The central difference of the loss by one number.
    private static func slope(
        of test: NetworkCase, _ parameters: inout [[Double]], _ index: Int, _ place: Int
    ) -> Double {
        let value = parameters[index][place]
        // The cube root of the rounding error balances it with the error of the formula.
        let step = 5e-6 * max(1, abs(value))
        func loss(_ new: Double) -> Double {
            parameters[index][place] = new
            return test.reference(.training, parameters: parameters).loss ?? .nan
        }
        let (above, below) = (loss(value + step), loss(value - step))
        parameters[index][place] = value
        return (above - below) / (2 * step)
    }
}
