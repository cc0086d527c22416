import Testing

@testable import DDCore

/// URLs in configurations and on command lines, as people copy them from browsers.
@Suite("URLs that posts carry")
struct DataURLTests {
    @Test(
        "what is encoded in them is encoded once, and a blank may be written as it is",
        arguments: [
            ("http://h/my%20data/%C3%A9/", "http://h/my data/é/", "http://h/my%20data/%C3%A9/x"),
            ("http://h/my data/é/", "http://h/my data/é/", "http://h/my%20data/%C3%A9/x"),
            ("http://h:80/a%23b%3Fc%25d", "http://h:80/a#b?c%d", "http://h:80/a%23b%3Fc%25d/x"),
            ("http://h/a%2520b/", "http://h/a%20b/", "http://h/a%2520b/x"), ("http://h", "http://h", "http://h/x"),
            ("sftp://us%20er@h//data/foo", "sftp://us er@h//data/foo", "sftp://us%20er@h//data/foo/x"),
            ("http://[::1]:81/d/", "http://[::1]:81/d/", "http://[::1]:81/d/x"),
            ("file:///a%20b", "file:///a b", "file:///a%20b/x"),
        ])
    func once(text: String, base: String, url: String) throws {
        #expect(try DataURL.checked(text) == base)
        #expect(Location(base: try DataURL.folder(text), relpath: "x").encodedURL == url)
    }

    @Test(
        "what cannot be the beginning of files' addresses is refused in one line",
        arguments: [
            ("http://h/get?file=", "%3F"), ("http://h/a#b/", "%23"), ("http://h?x", "%3F"), ("http://h/100%/", "%25"),
            ("http://h/%zz/", "%25"), ("http://h/%ff/", "UTF-8"), ("http://h/a%2Fb/", "slash"), ("http://h/a%00/", "control"),
            ("http://h/a/../b/", "'..'"), ("http://h/%2e%2e/", "'..'"), ("http://u:secret@h/", "password"),
            ("sftp://a%2Fb@h/", "user"), ("http://h/a\tb", "control"), ("h/x", "scheme"),
        ])
    func refused(text: String, words: String) {
        do throws(ConfigError) {
            _ = try DataURL.checked(text)
            #expect(Bool(false), "\(text) is taken")
        } catch {
            #expect(error.text.contains(words) && !error.text.contains("\n") && !error.text.contains("secret"), "\(error)")
        }
    }
}
