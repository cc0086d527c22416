/// What a post must pass before anything is fetched: who sent it, which way it came, where it points to. Pure.
enum Admission {
    /// Settles who posted. For sources' own exchanges that is the owner of the exchange named in the delivery itself, and what the message
    /// claims is overwritten; a message that did not come there by its owner's hand is refused. Returns the refusal.
    static func identify(_ post: inout Post, _ delivery: Delivery, _ plan: SaraPlan) -> Status? {
        guard plan.readsSources else {
            if post.via.contains(plan.cluster) || post.fromCluster == plan.cluster {
                return Status(417, "it has been on \(plan.cluster) before")
            }
            return plan.link.flatMap { stranger(post, $0, plan) }
        }
        post.source = nil
        post.fromCluster = plan.cluster
        guard let owner = ExchangeName.owner(ofPosts: delivery.exchange) else {
            return Status(417, "it came by exchange \(delivery.exchange), which is no source's own")
        }
        post.source = owner
        if delivery.isDeadLettered { return Status(417, "it was dead-lettered, not posted") }
        if let user = delivery.userID, !user.utf8.elementsEqual(owner.utf8) {
            return Status(417, "it was posted by \(user) on the exchange of \(owner)")
        }
        if !post.via.isEmpty { return Status(417, "it claims to have passed \(post.via.joined(separator: ","))") }
        post.postedAs = nil
        // Only switches have unfinished files to show, and announce them twice.
        post.retrieve = nil
        post.inBlocks = nil
        return nil
    }

    /// Why a post does not come from where the link leads, or `nil`.
    private static func stranger(_ post: Post, _ link: String, _ plan: SaraPlan) -> Status? {
        guard let origin = post.fromCluster, post.via.first == origin, post.via.last == link else {
            return Status(417, "it came over the link from \(link) and does not say so: via \(post.via.joined(separator: ","))")
        }
        if !plan.fromClusters.isEmpty, !plan.fromClusters.contains(origin) {
            return Status(403, "data of \(origin) is not taken from \(link)")
        }
        return nil
    }

    /// Who published a delivery on his own exchange by his own hand; `nil` when that cannot be said.
    static func sender(of delivery: Delivery) -> String? {
        guard let owner = ExchangeName.owner(ofPosts: delivery.exchange), !delivery.isDeadLettered else { return nil }
        return (delivery.userID ?? owner).utf8.elementsEqual(owner.utf8) ? owner : nil
    }

    /// Why a post goes nowhere from here, or `nil`.
    static func impasse(of post: Post, _ plan: SaraPlan) -> Status? {
        if let routes = plan.routes {
            let destinations = routes.destinations(post.toClusters, via: post.via)
            if destinations.isEmpty {
                let names = destinations.unreachable.isEmpty ? post.toClusters : destinations.unreachable
                return Status(406, routes.words(unreachable: names))
            }
        } else if !post.toClusters.isEmpty, !post.toClusters.contains("ALL"),
            !post.toClusters.contains(where: plan.isHere)
        {
            return Status(406, "no way from \(plan.cluster) to \(post.toClusters.joined(separator: ","))")
        }
        return nil
    }

    /// Why a post is not taken in, or `nil`.
    static func refusal(of post: Post, _ plan: SaraPlan) -> Status? {
        if let status = impasse(of: post, plan) { return status }
        if post.isPrivate, let status = privacy(of: post, plan) { return status }
        if case .file = post.event {
            let allowed = plan.sources.allowed(for: post.source)
            if plan.readsSources || !allowed.isEmpty, !covers(allowed, post) {
                return Status(403, "\(post.location.url) is not under an allow_url of \(post.source ?? "this configuration")")
            }
        }
        return plan.limits.refusal(of: post, blockSizes: plan.readsSources ? plan.blockSizes : nil)
    }

    /// Makes a post private that is in a private tree of its source. Returns the refusal; throws when it is not known whether it is.
    static func enclose(_ post: inout Post, _ plan: SaraPlan) throws -> Status? {
        guard plan.readsSources, !post.isPrivate, let privates = plan.privates, let source = post.source else { return nil }
        let path = (try? Placement.renamed(post)) ?? post.location.relpath
        guard
            let tree = try privates.trees.tree(around: path, of: source)
                ?? privates.trees.tree(around: post.location.relpath, of: source)
        else { return nil }
        guard !tree.users.isEmpty else { return Status(406, "\(tree.name) is private, and given to nobody (dd_permit grant)") }
        post.toUsers = tree.users
        post.toClusters = []
        post.group = try PrivatePlace.group(ofTree: tree.name, source: source, cluster: plan.cluster)
        return nil
    }

    /// Whom a post names in `to_users`, each with the cluster that he is at. Throws the refusal when that is not clear.
    static func readers(of post: Post, _ plan: SaraPlan) throws(Refusal) -> [Recipient] {
        let readers = post.toUsers.compactMap(Recipient.init)
        guard readers.count == post.toUsers.count,
            readers.allSatisfy({ AccountName.isValid($0.user) && AccountName.isValid($0.cluster) })
        else { throw Refusal(status: Status(417, "to_users names nobody: user@cluster is expected, with commas between")) }
        if let name = readers.map(\.cluster).first(where: { plan.routes?.isForSeveral($0) ?? false }) {
            throw Refusal(status: Status(417, "\(name) stands for several clusters: readers are named with their own"))
        }
        return readers
    }

    /// What is told of a post that is not taken in.
    struct Refusal: Error {
        let status: Status
    }

    /// Makes a private post go where its readers are, and says which group they are. Returns the refusal.
    static func address(_ post: inout Post, _ plan: SaraPlan) -> Status? {
        guard post.isPrivate else { return nil }
        guard plan.privates != nil else {
            return Status(503, "private data is not carried by \(plan.cluster): its dd_sara has no private_accounts")
        }
        let readers: [Recipient]
        do throws(Refusal) {
            readers = try self.readers(of: post, plan)
        } catch {
            return error.status
        }
        let clusters = Set(readers.map(\.cluster))
        guard plan.readsSources else {
            return clusters == Set(post.toClusters)
                ? nil : Status(417, "its to_users are not at its to_clusters (\(post.toClusters.joined(separator: ",")))")
        }
        guard post.toClusters.isEmpty || Set(post.toClusters) == clusters else {
            return Status(417, "a private post goes where its to_users are: to_clusters cannot say something else")
        }
        post.toClusters = clusters.sorted()
        if post.group != nil { return nil }
        guard
            let group = try? PrivatePlace.group(of: readers, source: post.source ?? "", cluster: post.fromCluster ?? plan.cluster)
        else { return Status(503, "SHA-512 cannot be computed on \(plan.cluster)") }
        post.group = group
        return nil
    }

    /// Why a private post, which has a way, is for nobody; `nil`: it is for somebody.
    private static func privacy(of post: Post, _ plan: SaraPlan) -> Status? {
        let hops = plan.routes?.destinations(post.toClusters, via: post.via).hops ?? [:]
        guard plan.readers(of: post).isEmpty, hops.isEmpty else { return nil }
        return Status(406, strangers(post, plan).joined(separator: "; "))
    }

    /// Those of a private post's readers at this switch that cannot have it, each with the reason.
    private static func strangers(_ post: Post, _ plan: SaraPlan) -> [String] {
        post.toUsers.compactMap(Recipient.init).filter { plan.isHere($0.cluster) }.compactMap {
            plan.privates?.fault(of: $0.user)
        }
    }

    /// What the source is told of those of a post's destinations to which there is no way, and which these are; it goes to the others.
    static func shortfall(of post: Post, _ plan: SaraPlan) -> (status: Status, names: [String])? {
        guard let routes = plan.routes, !post.toClusters.isEmpty else { return nil }
        let strangers = strangers(post, plan)
        let unreachable = routes.destinations(post.toClusters, via: post.via).unreachable
        let words = strangers + (unreachable.isEmpty ? [] : [routes.words(unreachable: unreachable)])
        guard !words.isEmpty else { return nil }
        let names = unreachable + (strangers.isEmpty ? [] : [plan.cluster])
        return (Status(406, words.joined(separator: "; ") + "; it goes to the others"), names)
    }

    private static func covers(_ allowed: [AllowedURL], _ post: Post) -> Bool {
        guard let url = try? URLParts(post.location.encodedURL) else { return false }
        return allowed.contains { $0.covers(url) }
    }
}
