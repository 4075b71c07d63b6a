import StrataKernels
import Testing

@Suite struct KernelsTests {
    @Test func theBestKernelsAreTheFirstThatRun() throws {
        #expect(Kernels.all.first?.name == Kernels.best.name)
        #expect(Kernels.all.last?.name == "portable")
        #expect(Kernels.named("sse1") == nil)
        for kernels in Kernels.all {
            #expect(try #require(Kernels.named(kernels.name)).lanes == kernels.lanes)
            #expect(16 % kernels.lanes == 0)
        }
    }

    @Test func panelCountsRoundUp() {
        let kernels = Kernels.best
        #expect(kernels.gatePanels(1) == 1)
        #expect(kernels.gatePanels(kernels.lanes) == 1)
        #expect(kernels.gatePanels(kernels.lanes + 1) == 2)
        #expect(kernels.plainPanels(kernels.panelWidth) == 1)
        #expect(kernels.plainPanels(kernels.panelWidth + 1) == 2)
    }

    @Test func thePeakIsMeasured() {
        for kernels in Kernels.all {
            #expect(Kernels.measurePeak(kernels, attempts: 1) > 1e6)
        }
    }
}
