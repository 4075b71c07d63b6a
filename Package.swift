// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "Strata",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Strata", targets: ["Strata"]),
        .executable(name: "netrun", targets: ["netrun"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    ],
    targets: [
        // MARK: Products
        .executableTarget(
            name: "netrun",
            dependencies: [
                "Strata", "StrataSchema", "StrataYAML", "StrataGraph", "StrataLayers",
                "StrataRuntime", "StrataData", "StrataFormats", "StrataKernels", "StrataTraining",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .target(
            name: "Strata",
            dependencies: [
                "StrataSchema", "StrataYAML", "StrataGraph", "StrataLayers", "StrataRuntime",
                "StrataData", "StrataFormats", "StrataTraining", "StrataKernels",
                .product(name: "Logging", package: "swift-log"),
            ]),

        // MARK: From training down to the kernels
        .target(
            name: "StrataTraining",
            dependencies: [
                "StrataSchema", "StrataGraph", "StrataLayers", "StrataRuntime", "StrataData",
                "StrataFormats", "StrataKernels", "CStrataKernels",
                .product(name: "Logging", package: "swift-log"),
            ]),
        .target(name: "StrataData", dependencies: ["StrataSchema"]),
        .target(name: "StrataFormats", dependencies: ["StrataSchema"]),
        .target(
            name: "StrataRuntime", dependencies: ["StrataSchema", "StrataGraph", "StrataKernels"]),
        .target(
            name: "StrataLayers",
            dependencies: ["StrataSchema", "StrataGraph", "StrataKernels", "CStrataKernels"]),
        .target(name: "StrataGraph", dependencies: ["StrataSchema", "StrataKernels"]),
        .target(name: "StrataYAML", dependencies: ["StrataSchema", "CLibYAML"]),
        .target(name: "StrataSchema"),
        .target(name: "StrataKernels", dependencies: ["CStrataKernels"]),
        .target(name: "CStrataKernels"),
        .systemLibrary(
            name: "CLibYAML", pkgConfig: "yaml-0.1",
            providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]),

        // MARK: Tests
        .target(
            name: "StrataTestSupport",
            dependencies: [
                "StrataSchema", "StrataGraph", "StrataLayers", "StrataRuntime", "StrataKernels",
                "StrataFormats",
            ],
            path: "Tests/StrataTestSupport"),
        .target(name: "CAllocationCounter", path: "Tests/CAllocationCounter"),
        .testTarget(name: "StrataSchemaTests", dependencies: ["StrataSchema"]),
        .testTarget(name: "StrataYAMLTests", dependencies: ["StrataYAML", "StrataSchema"]),
        .testTarget(name: "StrataKernelsTests", dependencies: ["StrataKernels"]),
        .testTarget(
            name: "StrataGraphTests",
            dependencies: [
                "StrataSchema", "StrataGraph", "StrataLayers", "StrataRuntime", "StrataTestSupport",
            ]),
        .testTarget(name: "StrataDataTests", dependencies: ["StrataData", "StrataSchema"]),
        .testTarget(
            name: "StrataFormatsTests",
            dependencies: ["StrataFormats", "StrataSchema", "StrataTestSupport"]),
        .testTarget(
            name: "StrataRuntimeTests",
            dependencies: [
                "StrataSchema", "StrataGraph", "StrataLayers", "StrataRuntime", "StrataKernels",
                "StrataTestSupport",
            ]),
        .testTarget(
            name: "StrataTrainingTests",
            dependencies: [
                "Strata", "StrataSchema", "StrataYAML", "StrataGraph", "StrataLayers",
                "StrataRuntime", "StrataData", "StrataFormats", "StrataTraining", "StrataKernels",
                "StrataTestSupport", "CAllocationCounter",
                .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(
            name: "NetrunTests",
            dependencies: [
                "netrun", "StrataKernels", "StrataYAML", "StrataSchema", "StrataFormats",
            ]),
    ],
    swiftLanguageModes: [.v6]
)

var settings: [SwiftSetting] = [
    "ExistentialAny", "InternalImportsByDefault", "MemberImportVisibility",
].map { .enableUpcomingFeature($0) }
// Set by .ci/run, so that a new compiler's new warnings do not break the builds of users.
let isStrict = Context.environment["STRATA_STRICT"] != nil
if isStrict { settings.append(.treatAllWarnings(as: .error)) }
for target in package.targets where [.regular, .executable, .test].contains(target.type) {
    target.swiftSettings = settings
    if isStrict, target.name == "CStrataKernels" {
        target.cSettings = [.treatAllWarnings(as: .error)]
    }
}
