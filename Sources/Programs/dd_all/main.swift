import DDCore
import DDLog
import DDPermit
import DDPoll
import DDPost
import DDSara
import DDSeal
import DDSender
import DDSubscribe
import DDSwitch
import DDWatch
import DDWinnow
import Glibc

// All programs in one file, as packages install it: eleven files of their own would each carry the same libraries. It is the program by whose
// name it is called, a link; `dd_all dd_post ...` is the same.
let names = [
    "dd_log", "dd_permit", "dd_poll", "dd_post", "dd_sara", "dd_seal", "dd_sender", "dd_subscribe", "dd_switch", "dd_watch",
    "dd_winnow",
]
let name = CommandLine.arguments.first?.split(separator: "/").last.map(String.init) ?? ""

switch name {
case "dd_log": DDLog.main()
case "dd_permit": DDPermit.main()
case "dd_poll": DDPoll.main()
case "dd_post": DDPost.main()
case "dd_sara": DDSara.main()
case "dd_seal": DDSeal.main()
case "dd_sender": DDSender.main()
case "dd_subscribe": DDSubscribe.main()
case "dd_switch": DDSwitch.main()
case "dd_watch": DDWatch.main()
case "dd_winnow": DDWinnow.main()
default:
    if let word = CommandLine.arguments.dropFirst().first, names.contains(word) {
        let failure = Program.become(Array(CommandLine.arguments.dropFirst()))
        _ = Program.printed("\(failure)\n")
        Program.leave(ExitStatus.system)
    }
    _ = Program.printed(
        "usage: dd_all PROGRAM [argument...], or by a link that is called like one: \(names.joined(separator: ", "))\n")
    Program.leave(ExitStatus.usage)
}
