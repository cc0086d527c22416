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

/// A file to be started: `main.swift` and nothing else. What it does is in the library.
func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: "Sources/Programs/\(name)", swiftSettings: rules)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: rules)
}

func system(_ name: String, _ pkgConfig: String?, _ package: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])
}

func collection(_ module: String) -> Target.Dependency { .product(name: module, package: "swift-collections") }

/// What each program does.
let all: [Target.Dependency] = [
    "DDPermit", "DDPost", "DDPoll", "DDWatch", "DDSender", "DDSara", "DDSeal", "DDSubscribe", "DDLog", "DDWinnow",
    "DDSwitch",
]
/// The files to be started.
let programs: [Target.Dependency] = [
    "dd_permit", "dd_post", "dd_poll", "dd_watch", "dd_sender", "dd_sara", "dd_seal", "dd_subscribe", "dd_log", "dd_winnow",
    "dd_switch", "dd_all",
]

let package = Package(
    name: "dd",
    products: [
        .library(name: "DDCore", targets: ["DDCore"]),
        .library(name: "DDTransfer", targets: ["DDTransfer"]),
        .executable(name: "dd_post", targets: ["dd_post"]),
        .executable(name: "dd_permit", targets: ["dd_permit"]),
        .executable(name: "dd_poll", targets: ["dd_poll"]),
        .executable(name: "dd_watch", targets: ["dd_watch"]),
        .executable(name: "dd_sender", targets: ["dd_sender"]),
        .executable(name: "dd_sara", targets: ["dd_sara"]),
        .executable(name: "dd_seal", targets: ["dd_seal"]),
        .executable(name: "dd_subscribe", targets: ["dd_subscribe"]),
        .executable(name: "dd_winnow", targets: ["dd_winnow"]),
        .executable(name: "dd_log", targets: ["dd_log"]),
        .executable(name: "dd_switch", targets: ["dd_switch"]),
        .executable(name: "dd_all", targets: ["dd_all"]),
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
        library("DDPost", ["DDCore"]),
        library("DDPermit", ["DDCore"]),
        library("DDPoll", ["DDCore", "DDTransfer"]),
        library("DDWatch", ["DDCore"]),
        library("DDSender", ["DDCore", "DDTransfer"]),
        library("DDSara", ["DDCore", "DDTransfer"]),
        library("DDSeal", ["DDCore"]),
        library("DDSubscribe", ["DDCore", "DDTransfer"]),
        library("DDLog", ["DDCore"]),
        library("DDWinnow", ["DDCore"]),
        library("DDSwitch", ["DDCore", "DDTransfer"]),
        program("dd_post", ["DDPost"]),
        program("dd_permit", ["DDPermit"]),
        program("dd_poll", ["DDPoll"]),
        program("dd_watch", ["DDWatch"]),
        program("dd_sender", ["DDSender"]),
        program("dd_sara", ["DDSara"]),
        program("dd_seal", ["DDSeal"]),
        program("dd_subscribe", ["DDSubscribe"]),
        program("dd_log", ["DDLog"]),
        program("dd_winnow", ["DDWinnow"]),
        program("dd_switch", ["DDSwitch"]),
        program("dd_all", ["DDCore"] + all),
        library("DDTestSupport", ["DDCore", "CLinux"]),
        tests("DDCoreTests", ["DDCore", "DDTestSupport"], exclude: ["Vectors"]),
        tests("TransferTests", ["DDCore", "DDTransfer", "DDTestSupport"] + programs),
        tests("CommandTests", ["DDCore", "DDTestSupport"] + programs),
        tests("AdminTests", ["DDCore", "DDTestSupport"] + programs),
        tests("HouseTests", ["DDTestSupport"]),
    ]
)
