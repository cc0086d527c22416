extension DocumentRoot {
    /// Opens the file at `place` for the blocks of `version`; see `AssemblyFile.open`.
    func assemble(_ version: FileVersion, at place: Place, lock: String, overwrites: Bool) throws -> AssemblyFile.Opening {
        if let entry = try entry(at: place), entry.kind == .directory || entry.kind == .other {
            throw FileError(.notAllowed, "\(place.relpath) is no file here and a file in the post")
        }
        let shown = "\(path)/\(place.relpath)"
        let outcome: Result<AssemblyFile.Opening, any Error> = try inDirectory(of: place, make: true) {
            directory throws(FileError) in
            let site = AssemblyFile.Site(directory: directory, name: place.name, lock: lock, shown: shown)
            do {
                return .success(try AssemblyFile.open(version, site, overwrites: overwrites))
            } catch let error as FileError where error.code == .missing {
                // The directory that was kept open was removed: look again.
                throw error
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    /// What is here of `version`, whose blocks were announced before the whole file.
    func standing(of version: FileVersion, at place: Place, lock: String) throws -> AssemblyFile.Standing {
        let outcome: Result<AssemblyFile.Standing, any Error>? = try? inDirectory(of: place, make: false) { directory in
            let site = AssemblyFile.Site(directory: directory, name: place.name, lock: lock, shown: "\(path)/\(place.relpath)")
            return Result { try AssemblyFile.standing(of: version, site) }
        }
        return try outcome?.get() ?? .absent
    }

    /// `version` was fetched as a whole; see `AssemblyFile.replace`.
    func replaceBlocks(of version: FileVersion, at place: Place, lock: String) throws {
        let outcome: Result<Void, any Error>? = try? inDirectory(of: place, make: false) { directory in
            let site = AssemblyFile.Site(directory: directory, name: place.name, lock: lock, shown: "\(path)/\(place.relpath)")
            return Result { try AssemblyFile.replace(version, site) }
        }
        try outcome?.get()
    }

    /// Removes what was begun in blocks at `place` and announced before `time`: something newer stands there now.
    func dropBlocks(at place: Place, before time: Timestamp, lock: String) throws {
        let outcome: Result<Void, any Error>? = try? inDirectory(of: place, make: false) { directory in
            let site = AssemblyFile.Site(directory: directory, name: place.name, lock: lock, shown: "\(path)/\(place.relpath)")
            return Result { try AssemblyFile.drop(site, before: time) }
        }
        try outcome?.get()
    }
}
