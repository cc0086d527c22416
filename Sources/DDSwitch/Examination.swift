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
            guard isDown else { return unknown("\(error)") }
            print("DD_SWITCH CRITICAL - \(plain("\(error)")) | faults=1;;;0")
            return 2
        }
    }

    /// The one line where nothing can be said; 3.
    static func unknown(_ why: String) -> Int32 {
        print("DD_SWITCH UNKNOWN - \(plain(why)) | faults=1;;;0")
        return 3
    }

    /// On one line, without the `|` that begins the figures.
    private static func plain(_ text: String) -> String { String(LogLine.plain(text).map { $0 == "|" ? "?" : $0 }) }

    /// What is wrong, from this machine's configuration to what stands on the broker.
    static func diagnose(_ options: SwitchOptions, _ administration: Administration) throws -> Int32 {
        var count = local(options)
        count += try administration.diagnose()
        print(count == 0 ? "the switch '\(options.cluster)' is well" : "\(count) faults")
        return count == 0 ? ExitStatus.done : ExitStatus.failed
    }

    /// What to do about a broker that does not let the switch's account in.
    private static func remedy(_ code: BrokerError.Code) -> String {
        switch code {
        case .refused: "compare credentials.conf with the broker (dd_switch init makes the account)"
        case .untrusted:
            "let 'cafile' name the PEM file of the authority that signed the broker's certificate, and 'broker' its host"
        default: "see whether the broker runs, and whether 'broker' in switch.conf is its address"
        }
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
                fault("\(reason)", remedy(reason.code))
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
