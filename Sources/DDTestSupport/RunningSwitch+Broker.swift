import DDCore
import Glibc

extension RunningSwitch {
    /// The URL of the broker for an account, with its password.
    public func broker(_ user: String, password: String) -> String {
        "amqp://\(user):\(password)@127.0.0.1:\(self["DD_AMQP_PORT"])/"
    }

    /// Sends a signal to the broker; `dd_switch up` starts one that ends again.
    public func signalBroker(_ signal: Int32) throws {
        guard let pid = SmallFile.text(folder + "/run/broker.pid").flatMap({ Int32($0.dropLast()) }), kill(pid, signal) == 0
        else {
            throw ProcessError("cannot signal the broker of \(folder)", errno)
        }
    }

    /// Runs RabbitMQ's own tool at the switch's broker; what it printed. Takes a second or more: it starts a virtual machine.
    public func rabbitmqctl(_ words: [String]) throws -> String {
        let ports = (SmallFile.text(folder + "/etc/ports") ?? "").split(separator: "\n").map { $0.split(separator: " ") }
        let value = { name in ports.first { $0.count == 2 && $0[0] == name }.map { String($0[1]) } ?? "" }
        let files = try TemporaryFolder()
        var launch = ChildProcess.Launch(RabbitMQ.control, ["-n", value("node"), "--silent"] + words)
        launch.environment["HOME"] = folder + "/broker/home"
        launch.environment["ERL_EPMD_PORT"] = value("epmd")
        launch.environment["RABBITMQ_CONF_ENV_FILE"] = "/dev/null"
        launch.output = .append(files.path("out"))
        launch.error = .append(files.path("err"))
        let status = try ChildProcess.start(launch).wait(seconds: 60)
        let output = SmallFile.text(files.path("out")) ?? ""
        guard status == 0 else {
            throw Command.Overdue(description: "rabbitmqctl \(words): \(output)\(SmallFile.text(files.path("err")) ?? "")")
        }
        return output
    }

    /// Makes accounts with the permissions of plain users, all in one call; the password of each is its name and `-secret`.
    public func addUsers(_ names: [String]) throws {
        let calls = names.map { name in
            let allowed = Permissions(.user, name: name)
            let patterns = [allowed.configure, allowed.write, allowed.read].map(Self.binary).joined(separator: ", ")
            return """
                rabbit_auth_backend_internal:add_user(\(Self.binary(name)), <<"\(name)-secret">>, <<"a test">>),
                rabbit_auth_backend_internal:set_permissions(\(Self.binary(name)), <<"/">>, \(patterns), <<"a test">>)
                """
        }
        _ = try rabbitmqctl(["eval", calls.joined(separator: ",\n") + "."])
    }

    /// Text as Erlang writes it.
    private static func binary(_ text: String) -> String {
        "<<\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\">>"
    }
}
