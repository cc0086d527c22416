import DDCore
import DDTransfer
import Glibc

/// `check` and `doctor`: they look and change nothing.
enum Examination {
    /// One line in the form of Nagios' plugins, whatever happens; 3 when nothing can be said.
    static func check(_ invocation: AdminInvocation, _ load: () throws -> Administration) -> Int32 {
        do {
            let warning = Int64(try invocation.settings.integer("warning"))
            let (line, status) = try load().check(
                warning: warning, critical: Int64(try invocation.settings.integer("critical")))
            print(line)
            return status
        } catch {
            let isDown = (error as? ManagementError)?.exitStatus == ExitStatus.unavailable
            print("DD_SWITCH \(isDown ? "CRITICAL" : "UNKNOWN") - \(error) | faults=1;;;0")
            return isDown ? 2 : 3
        }
    }

    /// What is wrong, from this machine's configuration to what stands on the broker.
    static func diagnose(_ options: SwitchOptions, _ administration: Administration) throws -> Int32 {
        var count = local(options)
        count += try administration.diagnose()
        print(count == 0 ? "the switch '\(options.cluster)' is well" : "\(count) faults")
        return count == 0 ? ExitStatus.done : ExitStatus.failed
    }

    private static func local(_ options: SwitchOptions) -> Int {
        var count = 0
        func fault(_ text: String, _ remedy: String) {
            print("\(text)\n    -> \(remedy)")
            count += 1
        }
        if let broker = options.broker {
            if broker.password.isEmpty {
                fault("no password for \(broker)", "put the URL with it into credentials.conf")
            } else if let reason = RequestSender.refusal(BrokerSettings(broker, options.common)) {
                fault("\(reason)", "compare credentials.conf with the broker (dd_switch init makes the account)")
            }
        } else {
            fault("'broker' is not said", "put the switch's account on its broker into switch.conf")
        }
        if let root = options.documentRoot {
            if !SmallFile.isFolder(root) {
                fault("the document root \(root) is not there", "make the folder, owned by the user that dd_sara runs as")
            }
        } else {
            fault("'document_root' is not said", "put the folder where dd_sara stores into switch.conf")
        }
        if options.url == nil { fault("'url' is not said", "put the address where subscribers fetch into switch.conf") }
        return count
    }
}
