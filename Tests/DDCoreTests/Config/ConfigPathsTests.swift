import DDCore
import Testing

@Suite("places of configuration and state")
struct ConfigPathsTests {
    @Test("the environment says where things are")
    func homes() {
        let user = ConfigPaths(environment: ["HOME": "/home/a"])
        #expect(user.configHomes == ["/home/a/.config/dd", "/etc/dd"] && user.stateHome == "/home/a/.local/state/dd")
        let xdg = ConfigPaths(environment: ["HOME": "/home/a", "XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "/s"])
        #expect(xdg.configHomes == ["/c/dd", "/etc/dd"] && xdg.stateHome == "/s/dd")
        let own = ConfigPaths(environment: ["HOME": "/home/a", "DD_CONFIG_HOME": "/c", "DD_STATE_HOME": "/s"])
        #expect(own.configHomes == ["/c"] && own.stateHome == "/s")
        #expect(ConfigPaths(environment: ["HOME": "/home/a", "STATE_DIRECTORY": "/var/lib/dd"]).stateHome == "/var/lib/dd")
        let bare = ConfigPaths(environment: [:])
        #expect(bare.configHomes == ["/etc/dd"] && bare.stateHome == "/var/lib/dd")
    }

    @Test("the accounts that systemd hands over go before those of the files, whatever their mode says")
    func service() throws {
        let folder = try ScratchFolder()
        let file = try folder.write("amqp://bob:old@h/\namqp://eve:x@h/\n", to: "credentials.conf", mode: 0o600)
        _ = try folder.write("amqp://bob:new@h/\n", to: "handed/credentials.conf", mode: 0o440)
        let paths = ConfigPaths(environment: ["DD_CONFIG_HOME": folder.path, "CREDENTIALS_DIRECTORY": folder.path + "/handed"])
        #expect(paths.credentialFiles == [file])
        let both = try Credentials(files: paths.credentialFiles, service: paths.serviceCredentials)
        #expect(try both.complete(URLParts("amqp://bob@h/")).password?.reveal() == "new")
        #expect(try both.complete(URLParts("amqp://eve@h/")).password?.reveal() == "x")
        #expect(throws: ConfigError.self) { try Credentials(files: [folder.path + "/handed/credentials.conf"]) }
        #expect(ConfigPaths(environment: [:]).serviceCredentials == nil)
    }

    @Test("a configuration is a path, or a name that is looked up")
    func lookup() throws {
        let folder = try ScratchFolder()
        let path = try folder.write("", to: "sara/radar.conf")
        let paths = ConfigPaths(environment: ["DD_CONFIG_HOME": folder.path])
        for text in ["radar", "radar.conf", path] {
            let found = try paths.configuration(text, folder: "sara")
            #expect(found.path == path && found.name == "radar")
        }
        #expect(
            failure { () throws(ConfigError) in _ = try paths.configuration("./radar.conf", folder: "sara") }
                == "78: there is no configuration file ./radar.conf")
        #expect(
            failure { () throws(ConfigError) in _ = try paths.configuration("rader", folder: "sara") }
                == "78: there is no configuration 'rader': looked for \(folder.path)/sara/rader.conf")
    }
}
