import DDCore
import DDTestSupport
import Testing

/// What `make install` and the Debian packages carry: all that there is, each once.
@Suite("what is installed")
struct PackageTests {
    /// The programs that Package.swift makes.
    private let programs: Set<String>
    /// What each package takes, by package, as its file `debian/*.install` says: paths below the root, as they are installed.
    private let packages: [String: [String]]

    init() throws {
        let package = try #require(SmallFile.text(House.root + "/Package.swift"))
        programs = Set(
            package.split(separator: "\n").compactMap { line in
                // All of them in one file is none of them.
                guard line.contains(".executable(name:"), !line.contains("dd_all") else { return nil }
                let words = line.split(separator: "\"")
                return words.count > 1 ? String(words[1]) : nil
            })
        try #require(programs.count >= 9)
        var packages: [String: [String]] = [:]
        for name in TemporaryFolder.names(in: House.root + "/debian") where name.hasSuffix(".install") {
            let text = try #require(SmallFile.text("\(House.root)/debian/\(name)"))
            packages[String(name.dropLast(".install".utf8.count))] = text.split(separator: "\n").map(String.init)
        }
        self.packages = packages
    }

    /// In how many packages an installed file is, by itself or by its folder.
    private func owners(of path: String) -> [String] {
        packages.filter { $0.value.contains { path == $0 || path.hasPrefix($0 + "/") } }.keys.sorted()
    }

    @Test("each program is installed, and is in one package")
    func installed() throws {
        let makefile = try #require(SmallFile.text(House.root + "/Makefile"))
        let line = try #require(makefile.split(separator: "\n").first { $0.hasPrefix("PROGRAMS := ") })
        #expect(Set(line.split(separator: " ").dropFirst(2).map(String.init)) == programs)
        for program in programs {
            let owner = owners(of: "usr/bin/\(program)")
            #expect(owner.count == 1 && owners(of: "usr/share/bash-completion/completions/\(program)") == owner, "\(program)")
            #expect(owners(of: "usr/share/fish/vendor_completions.d/\(program).fish") == owner, "\(program)")
        }
        #expect(owners(of: "usr/share/zsh/vendor-completions/_dd") == ["dd-tools"])
        let said = SmallFile.text(House.root + "/debian/control") ?? ""
        for program in programs { #expect(said.contains(program), "debian/control does not say what \(program) is for") }
    }

    @Test("each manual page and each unit is in the package of its program")
    func pages() throws {
        let pages = TemporaryFolder.names(in: House.root + "/man")
        #expect(pages.count >= programs.count)
        for page in pages {
            let section = try #require(page.last)
            let owner = owners(of: "usr/share/man/man\(section)/\(page)")
            #expect(owner.count == 1, "\(page): \(owner)")
            let program = String(page.dropLast(2))
            if programs.contains(program), section != "7" { #expect(owner == owners(of: "usr/bin/\(program)"), "\(page)") }
        }
        for unit in TemporaryFolder.names(in: House.root + "/etc/systemd") {
            let text = try #require(SmallFile.text("\(House.root)/etc/systemd/\(unit)"))
            let program = try #require(programs.first { text.contains("/bin/\($0) ") })
            #expect(owners(of: "lib/systemd/system/\(unit)") == owners(of: "usr/bin/\(program)"), "\(unit)")
        }
    }

    @Test("the user of the units is made by the package, the same as for those who install by hand")
    func user() throws {
        let byHand = try #require(SmallFile.text(House.root + "/etc/sysusers.d/dd.conf"))
        let packaged = try #require(SmallFile.text(House.root + "/debian/dd-tools.sysusers"))
        func lines(_ text: String) -> [Substring] { text.split(separator: "\n").filter { !$0.hasPrefix("#") } }
        #expect(lines(byHand) == lines(packaged) && lines(packaged).count == 1)
    }
}
