extension Post {
    /// Of a rename that is said in one post: words for log and report that the file of the former name is not removed by it. The name is the
    /// poster's own, often on a disk that only it knows; a removal under the name that it was posted with is what removes the file.
    var formerName: String {
        guard let oldname, !oldname.isEmpty else { return "" }
        return "; renamed from \(MessageError.quote(oldname)), which stays here until its removal is posted"
    }
}
