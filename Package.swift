// swift-tools-version: 6.2
import PackageDescription

// One set of compiler rules for every target of ours: Swift 6 mode, imports internal unless said otherwise, warnings are errors.
// MemberImportVisibility stays off: glibc's structs (timespec, timeval) count as members of whichever C module was compiled first, so the
// same source is right or wrong from build to build.
let rules: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .treatAllWarnings(as: .error),
]

func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: rules)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: rules)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: rules)
}

func system(_ name: String, _ pkgConfig: String?, _ package: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])
}

func collection(_ module: String) -> Target.Dependency { .product(name: module, package: "swift-collections") }

let package = Package(
    name: "dd",
    products: [
        .library(name: "DDCore", targets: ["DDCore"]),
        .library(name: "DDTransfer", targets: ["DDTransfer"]),
        .executable(name: "dd_post", targets: ["DDPost"]),
        .executable(name: "dd_poll", targets: ["DDPoll"]),
        .executable(name: "dd_watch", targets: ["DDWatch"]),
        .executable(name: "dd_sender", targets: ["DDSender"]),
        .executable(name: "dd_sara", targets: ["DDSara"]),
        .executable(name: "dd_subscribe", targets: ["DDSubscribe"]),
        .executable(name: "dd_winnow", targets: ["DDWinnow"]),
        .executable(name: "dd_log", targets: ["DDLog"]),
        .executable(name: "dd_switch", targets: ["DDSwitch"]),
    ],
    dependencies: [
        // Queues and heaps (docs/decisions/0049-collections.md). No Foundation.
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0")
    ],
    targets: [
        system("CRabbitMQ", "librabbitmq", "librabbitmq-dev"),
        system("CCurl", "libcurl", "libcurl4-openssl-dev"),
        system("CCrypto", "libcrypto", "libssl-dev"),
        system("CXXHash", "libxxhash", "libxxhash-dev"),
        system("CPCRE2", "libpcre2-8", "libpcre2-dev"),
        system("CSQLite", "sqlite3", "libsqlite3-dev"),
        .target(name: "CLinux"),
        library(
            "DDCore",
            [
                "CRabbitMQ", "CCrypto", "CXXHash", "CPCRE2", "CSQLite", "CLinux", collection("DequeModule"),
                collection("HeapModule"),
            ]),
        library("DDTransfer", ["DDCore", "CCurl", "CLinux"]),
        program("DDPost", ["DDCore"]),
        program("DDPoll", ["DDCore", "DDTransfer"]),
        program("DDWatch", ["DDCore"]),
        program("DDSender", ["DDCore", "DDTransfer"]),
        program("DDSara", ["DDCore", "DDTransfer"]),
        program("DDSubscribe", ["DDCore", "DDTransfer"]),
        program("DDLog", ["DDCore"]),
        program("DDWinnow", ["DDCore"]),
        program("DDSwitch", ["DDCore", "DDTransfer"]),
        library("DDTestSupport", ["DDCore", "CLinux"]),
        tests("DDCoreTests", ["DDCore", "DDTestSupport"], exclude: ["Vectors"]),
        tests("TransferTests", ["DDCore", "DDTransfer", "DDTestSupport", "DDSwitch"]),
        tests(
            "CommandTests",
            [
                "DDCore", "DDTestSupport", "DDPost", "DDPoll", "DDWatch", "DDSender", "DDSara", "DDSubscribe", "DDLog",
                "DDWinnow", "DDSwitch",
            ]),
        tests("AdminTests", ["DDCore", "DDTestSupport", "DDPost", "DDSara", "DDSubscribe", "DDLog", "DDSwitch"]),
        tests("HouseTests", ["DDTestSupport"]),
    ]
)
