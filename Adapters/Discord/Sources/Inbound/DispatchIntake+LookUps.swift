import Logging
import PraisonCore
import Synchronization

/// Asking for what a dispatch only numbers. A session that is resumed by another process tells no channels and roles.
extension DispatchIntake {
    /// Something to find out.
    enum Subject: Hashable, Sendable {
        case channel(String)
        case roles(guild: String)

        var route: DiscordRoute {
            switch self {
            case .channel(let id): .channel(id)
            case .roles(let guild): .roles(of: guild)
            }
        }

        var name: String {
            switch self {
            case .channel(let id): "channel \(id)"
            case .roles(let guild): "roles of server \(guild)"
            }
        }
    }

    private static let tries = 3
    /// The longest that is waited here; others wait too.
    private static let longestPause = Duration.seconds(30)
    /// What can't be found out for so long never may, and must not hold up the rest for ever.
    private static let patience = Duration.seconds(600)
    private static let capacity = 100

    /// What has to be known before a dispatch can be read.
    func missing(for dispatch: GatewayPayload.Dispatch) -> [Subject] {
        let data = dispatch.data
        let (type, guild) = (data["channel_type"]?.int, data["guild_id"]?.string)
        return books.withLock { books in
            var missing: [Subject] = []
            if Self.namesPlaces.contains(dispatch.name), let id = data["channel_id"]?.string,
                !books.directory.knows(id, type: type, guild: guild)
            {
                missing.append(.channel(id))
            }
            if let guild, data["mention_roles"]?.elements.isEmpty == false, !books.directory.knowsRoles(of: guild) {
                missing.append(.roles(guild: guild))
            }
            return missing
        }
    }

    private static let namesPlaces: Set<String> = [
        "MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "MESSAGE_DELETE_BULK", "MESSAGE_REACTION_ADD",
        "MESSAGE_REACTION_REMOVE", "MESSAGE_REACTION_REMOVE_ALL", "MESSAGE_REACTION_REMOVE_EMOJI", "TYPING_START",
    ]

    /// Finds something out, as far as it can be found out.
    ///
    /// - Throws: where it can't be found out now. A message that went to the wrong conversation could not be taken back.
    func learn(_ subject: Subject, for dispatch: GatewayPayload.Dispatch) async throws {
        do {
            let tries = isAnswered(dispatch) ? Self.tries : 1
            guard let answer = try await answer(about: subject, tries: tries) else { return }
            books.withLock { books in
                books.unknown[subject] = nil
                switch subject {
                case .channel: books.directory.learn(channel: answer)
                case .roles(let guild): books.directory.learn(roles: answer, of: guild, own: account.identity?.id)
                }
            }
        } catch let error as DiscordAPIError {
            try Task.checkCancellation()
            if isHopeless(subject) {
                return context.logger.error(
                    "cannot find something out for long; going on without it",
                    metadata: ["about": "\(subject.name)", "reason": "\(error)"])
            }
            // Only what is answered has to be answered in the right place; the rest is for the record.
            guard isAnswered(dispatch) else { return }
            await remember(dispatch)
            throw error
        }
    }

    /// - Returns: `nil` where there is no answer, or none for us: a channel is a place of its own then, which answers where
    ///   it was asked, at least.
    private func answer(about subject: Subject, tries limit: Int) async throws -> JSONDocument? {
        var tries = 0
        while true {
            do throws(DiscordAPIError) {
                return try await api.call(subject.route, asker: subject.name, limits: DiscordAPI.lookUpLimits)
            } catch {
                if let status = error.status, error.code != nil, (400..<500).contains(status), status != 401 {
                    context.logger.info(
                        "cannot find something out", metadata: ["about": "\(subject.name)", "reason": "\(error)"])
                    return nil
                }
                tries += 1
                guard tries < limit, !error.isAboutTheToken else { throw error }
                var pause = Duration.milliseconds(500)
                if case .limited(let wait) = error.cause { pause = min(wait, Self.longestPause) }
                try await context.clock.sleep(for: pause)
            }
        }
    }

    /// Whether somebody else wrote or changed something.
    private func isAnswered(_ dispatch: GatewayPayload.Dispatch) -> Bool {
        let isOwn = account.identity.map { $0.id.rawValue == dispatch.data["author"]?["id"]?.string } ?? false
        return switch dispatch.name {
        case "MESSAGE_CREATE": !isOwn
        case "MESSAGE_UPDATE": !isOwn && dispatch.data["edited_timestamp"]?.string != nil
        default: false
        }
    }

    private func isHopeless(_ subject: Subject) -> Bool {
        let now = context.clock.uptime
        return books.withLock { books in
            // A failure of long ago is another story.
            books.unknown = books.unknown.filter { now - $0.value.triedAt < Self.patience }
            if books.unknown.count >= Self.capacity { books.unknown = [:] }
            let since = books.unknown[subject]?.since ?? now
            books.unknown[subject] = (since, now)
            return now - since >= Self.patience
        }
    }

    /// Where the session is lost before it can be read, it is fetched with what was missed.
    private func remember(_ dispatch: GatewayPayload.Dispatch) async {
        guard dispatch.name == "MESSAGE_CREATE", let place = place(of: dispatch.data) else { return }
        let isNew = books.withLock { $0.known.knows(place.id) ? false : $0.known.heard(place) }
        if isNew { await keep() }
    }
}
