import DDCore
import DDTestSupport
import Glibc
import Testing

/// `dd_switch check` as a plugin of a real Nagios.
@Suite("check, run by Nagios", .enabled(if: SwitchTests.installed && Installed.has("/usr/sbin/nagios4")))
struct NagiosTests {
    private static let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

    @Test("state, line and figures arrive in Nagios; a command line that is wrong is UNKNOWN")
    func plugin() throws {
        let running = try RunningSwitch.shared()
        let files = try TemporaryFolder()
        let check = "/usr/bin/env DD_CONFIG_HOME=\(running.folder)/etc \(Command("dd_switch").path) check"
        let services = [
            "fine": check + " --warning 1000000 --critical 2000000", "deep": check + " --warning 0 --critical 2000000",
            "wrong": check + " --warning many",
        ]
        try files.write(objects(services), to: "objects.cfg")
        let config = try files.write(Self.configuration(files.path), to: "nagios.cfg")
        let nagios = try Command(path: "/usr/sbin/nagios4").start([config])
        defer { nagios.kill() }
        var seen: [String: [String: String]] = [:]
        let isDone = waitUntil(seconds: 60) {
            seen = Self.services(SmallFile.text(files.path("status.dat")) ?? "")
            return services.keys.allSatisfy { seen[$0]?["has_been_checked"] == "1" }
        }
        #expect(isDone, "\(nagios.output.suffix(1_000)) \(SmallFile.text(files.path("nagios.log")) ?? "")")
        let fine = try #require(seen["fine"])
        // What other tests leave at the switch that all share may be a fault, and is named then.
        #expect(
            ["0", "1", "2"].contains(fine["current_state"]) && fine["plugin_output"]?.hasPrefix("DD_SWITCH ") == true, "\(fine)")
        #expect(
            fine["performance_data"]?.contains("faults=") == true && fine["performance_data"]?.contains("users=") == true,
            "\(fine)")
        #expect(["1", "2"].contains(seen["deep"]?["current_state"]), "\(seen)")
        #expect(seen["wrong"]?["current_state"] == "3", "\(seen)")
        #expect(seen["wrong"]?["plugin_output"]?.hasPrefix("DD_SWITCH UNKNOWN - ") == true, "\(seen)")
    }

    private func objects(_ services: [String: String]) -> String {
        var text = "define timeperiod{\n timeperiod_name always\n alias always\n"
        text += Self.days.map { " \($0) 00:00-24:00\n" }.joined() + "}\n"
        text += "define command{\n command_name true\n command_line /bin/true\n}\n"
        text += """
            define contact{
             contact_name root
             host_notifications_enabled 0
             service_notifications_enabled 0
             host_notification_period always
             service_notification_period always
             host_notification_options n
             service_notification_options n
             host_notification_commands true
             service_notification_commands true
            }
            define host{
             host_name switch
             address 127.0.0.1
             check_command true
             max_check_attempts 1
             check_period always
             contacts root
            }

            """
        for (name, command) in services {
            text += "define command{\n command_name \(name)\n command_line \(command)\n}\n"
            text +=
                "define service{\n host_name switch\n service_description \(name)\n check_command \(name)\n check_interval 2\n"
            text += " retry_interval 2\n max_check_attempts 1\n check_period always\n contacts root\n}\n"
        }
        return text
    }

    private static func configuration(_ folder: String) -> String {
        let user = getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? "root"
        let files = [
            "log_file": "nagios.log", "cfg_file": "objects.cfg", "object_cache_file": "objects.cache",
            "status_file": "status.dat",
            "precached_object_file": "objects.precache", "command_file": "nagios.cmd", "lock_file": "nagios.lock",
            "temp_file": "nagios.tmp", "state_retention_file": "retention.dat", "query_socket": "nagios.qh",
        ]
        let paths = files.sorted { $0.key < $1.key }.map { "\($0)=\(folder)/\($1)\n" }.joined()
        return """
            \(paths)temp_path=\(folder)
            check_result_path=\(folder)
            nagios_user=\(user)
            nagios_group=\(user)
            status_update_interval=1
            check_external_commands=0
            interval_length=1
            illegal_macro_output_chars=`~$&|'"<>

            """
    }

    /// The `servicestatus` blocks of Nagios' status file, by their description.
    private static func services(_ text: String) -> [String: [String: String]] {
        var result: [String: [String: String]] = [:]
        for block in text.split(separator: "servicestatus {").dropFirst() {
            var values: [String: String] = [:]
            for line in block.prefix(while: { $0 != "}" }).split(separator: "\n") {
                let pair = line.split(separator: "=", maxSplits: 1)
                if pair.count == 2 { values[pair[0].trimmingPrefix("\t").description] = String(pair[1]) }
            }
            if let name = values["service_description"] { result[name] = values }
        }
        return result
    }
}
