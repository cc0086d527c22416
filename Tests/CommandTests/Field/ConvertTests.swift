import DDCore
import DDTestSupport
import Testing

@Suite("dd_switch convert")
struct ConvertTests {
    @Test("the folder says what a file is of, or --as does; what comes out says how much was carried over")
    func convert() throws {
        let files = try TemporaryFolder()
        let text = "broker amqp://bob@h/\nsubtopic #\nplugin x\n"
        let known = try files.write(text, to: "subscribe/a.conf")
        let unknown = try files.write(text, to: "elsewhere/a.conf")
        func run(_ words: String...) throws -> Command.Outcome { try Command("dd_switch").run(["convert"] + words) }
        let one = try run(known)
        #expect(one.status == 0 && one.output.contains("for dd_subscribe: 2 of 3 lines are carried over"), "\(one)")
        #expect(one.output.contains("# not carried over: plugin x: plugins do not run here"), "\(one)")
        let two = try run(unknown)
        #expect(two.status == 1 && two.errors.contains("say with --as"), "\(two)")
        #expect(try run("--as", "sarra", unknown).output.contains("source_broker amqp://bob@h/"))
        #expect(try run("--as", "nothing", unknown).status == 64 && run().status == 64)
        try files.write("include more.inc\nmirror True\n", to: "subscribe/common.inc")
        try files.write("accept .*b\n", to: "subscribe/more.inc")
        let parts = try files.write("include common.inc\ninclude none.inc\n", to: "subscribe/parts.conf")
        let whole = try run(parts)
        #expect(
            whole.output.contains("2 of 3 lines") && whole.output.contains("accept .*b\n# end of more.inc\nmirror on\n")
                && whole.output.contains("# not carried over: include none.inc: convert takes in a file that lies beside"),
            "\(whole)")
        let gone = try run(files.path("subscribe/none.conf"))
        #expect(gone.status == 1 && gone.errors.contains("cannot be read"), "\(gone)")
    }
}
