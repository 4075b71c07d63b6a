/// A pass that was done several times: medians.
package struct MeasuredPass: Sendable {
    /// Floating-point operations of its products.
    package var flops: Double
    package var seconds: Double
    /// What multiply-adds alone would have done in the time of a pass, at the rate they had before
    /// and after it.
    package var flopsOfPeak: Double

    /// Operations per second.
    package var rate: Double { flops / seconds }
    /// The part of the peak.
    package var share: Double { flops / flopsOfPeak }
}
