// swift-tools-version:6.3
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
]

func room(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .target(
        name: name, dependencies: ["PraisonCore", logging] + dependencies, resources: resources,
        swiftSettings: strict)
}

func promises(
    _ name: String, _ dependencies: [Target.Dependency], path: String? = nil, exclude: [String] = []
) -> Target {
    .testTarget(
        name: name,
        dependencies: ["PraisonCore", "PraisonSimulation", logging] + dependencies,
        path: path,
        exclude: exclude,
        swiftSettings: strict
    )
}

/// A platform is three targets in one folder: its adapter, its simulator, and the promises both keep.
func platform(_ name: String) -> [Target] {
    let folder = "Adapters/\(name)"
    let (adapter, simulator) = ("\(name)Adapter", "\(name)Simulator")
    return [
        .target(
            name: adapter,
            dependencies: ["PraisonCore", logging],
            path: "\(folder)/Sources",
            swiftSettings: strict
        ),
        .target(
            name: simulator,
            dependencies: ["PraisonCore", "PraisonSimulation", logging],
            path: "\(folder)/Simulator",
            swiftSettings: strict
        ),
        promises(
            "\(name)Tests",
            [.init(stringLiteral: adapter), .init(stringLiteral: simulator), "PraisonTesting", "PraisonNet"],
            path: "\(folder)/Tests"
        ),
    ]
}

/// The platforms this build speaks; `Adapters/Catalog` lists the same ones in code.
let platforms = ["Telegram", "Discord"]

let package = Package(
    name: "praisonai",
    products: [
        .executable(name: "praisonai", targets: ["praisonai"]),
        .library(name: "PraisonAI", targets: ["PraisonAI"]),
        .library(name: "PraisonClient", targets: ["PraisonClient"]),
        // What a client or an embedder reaches the network with.
        .library(name: "PraisonNet", targets: ["PraisonNet"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CCurl", path: "Sources/CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(
            name: "CLibYAML", path: "Sources/CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(
            name: "COpenSSL", path: "Sources/COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .target(name: "CProcess"),
        .systemLibrary(name: "CZlib", path: "Sources/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        .target(name: "PraisonCore", dependencies: [logging], swiftSettings: strict),
        room("PraisonNet", ["CCurl", "COpenSSL", "CProcess", "CZlib"] + nio),
        room("PraisonConfig", ["CLibYAML"]),
        room("PraisonStore", [.product(name: "GRDB", package: "GRDB.swift")]),
        room("PraisonAgents"),
        room("PraisonGateway", [.product(name: "DequeModule", package: "swift-collections")]),
        room(
            "PraisonControlPlane",
            resources: [.embedInCode("Page/chat.html"), .embedInCode("Page/chat.css"), .embedInCode("Page/chat.js")]),
        room("PraisonClient"),
        room(
            "PraisonAI",
            [
                "PraisonAgents", "PraisonClient", "PraisonConfig", "PraisonControlPlane", "PraisonGateway",
                "PraisonNet",
                "PraisonStore",
            ]),
        room("PraisonSimulation"),
        room("PraisonTesting", ["PraisonSimulation", "PraisonGateway", "PraisonNet"]),
        .target(
            name: "AdapterCatalog",
            dependencies: ["PraisonCore", "PraisonSimulation"]
                + platforms.flatMap {
                    [.init(stringLiteral: "\($0)Adapter"), .init(stringLiteral: "\($0)Simulator")]
                },
            path: "Adapters/Catalog",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "praisonai",
            dependencies: [
                "PraisonCore", "PraisonNet", "PraisonConfig", "PraisonStore", "PraisonAgents", "PraisonGateway",
                "PraisonControlPlane", "PraisonClient", "PraisonSimulation", "AdapterCatalog", logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),

        // What the Autobahn suite (`Tests/Autobahn/run`) and the benchmarks talk to.
        .executableTarget(
            name: "websocket-echo", dependencies: ["PraisonCore", "PraisonNet", logging], path: "Tests/Autobahn/Echo",
            swiftSettings: strict),
        .executableTarget(
            name: "websocket-autobahn-client", dependencies: ["PraisonCore", "PraisonNet", logging],
            path: "Tests/Autobahn/Client", swiftSettings: strict),

        promises("CoreTests", []),
        promises("NetTests", ["PraisonNet", "CZlib"] + nio),
        promises("ConfigTests", ["PraisonConfig", "AdapterCatalog"]),
        promises(
            "StoreTests",
            ["PraisonStore", "journal-crash-writer", .product(name: "GRDB", package: "GRDB.swift")]
        ),
        // Writes a journal until it is killed; StoreTests does that.
        .executableTarget(
            name: "journal-crash-writer",
            dependencies: ["PraisonCore", "PraisonStore", logging],
            path: "Tests/CrashWriter",
            swiftSettings: strict
        ),
        promises("AgentsTests", ["PraisonAgents", "PraisonNet"], exclude: ["README.md"]),
        promises("GatewayTests", ["PraisonGateway", "PraisonStore"]),
        promises(
            "ControlPlaneTests",
            ["PraisonControlPlane", "PraisonClient", "PraisonGateway", "PraisonStore", "PraisonNet"] + nio
        ),
        promises("PraisonAITests", ["PraisonAI", "PraisonClient", "PraisonNet", "remote-agent"]),
        // An agent in a process of its own; PraisonAITests kills it.
        .executableTarget(
            name: "remote-agent", dependencies: ["PraisonAI"], path: "Tests/RemoteAgent", swiftSettings: strict),
        promises("CommandTests", ["praisonai", "AdapterCatalog", "PraisonConfig", "PraisonNet"]),
        .executableTarget(
            name: "benchmarks",
            dependencies: [
                "PraisonCore", "PraisonNet", "PraisonStore", "PraisonAgents", "PraisonGateway",
                "PraisonControlPlane", "PraisonSimulation", "CCurl", "websocket-echo", logging,
            ] + nio,
            path: "Tests/Benchmarks",
            exclude: ["README.md", "OfficialClients"],
            swiftSettings: strict
        ),
        promises(
            "EndToEndTests", ["PraisonNet", "PraisonStore", "TelegramSimulator", "DiscordSimulator", "praisonai"]),
    ] + platforms.flatMap(platform),
    swiftLanguageModes: [.v6]
)

// `Tests/Fuzzing/run` sets it, and the compiler flags without which this can't be linked.
if Context.environment["PRAISON_FUZZING"] != nil {
    package.targets.append(
        .executableTarget(
            name: "fuzz-frames", dependencies: ["PraisonCore", "PraisonNet"] + nio, path: "Tests/Fuzzing/Frames",
            swiftSettings: strict))
}
