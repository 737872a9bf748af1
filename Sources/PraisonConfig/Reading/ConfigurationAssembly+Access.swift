import PraisonCore

extension ConfigurationAssembly {
    mutating func access(_ block: CheckedBlock, groups: AccessGroups) -> AccessSettings {
        var settings = AccessSettings()
        settings.owner = owner(block)
        settings.adminUsers = people(block, "admin_users", groups)
        settings.allowedUsers = people(block, "allowed_users", groups)
        settings.allowlist = people(block, "allowlist", groups)
        settings.blocklist = people(block, "blocklist", groups)
        settings.allowedChannels = Set((block.words("allowed_channels") ?? []).map(Conversation.ID.init))
        settings.groupPolicy =
            block.text("group_policy").flatMap(AccessSettings.GroupPolicy.init) ?? settings.groupPolicy
        settings.unknownUserPolicy = block.text("unknown_user_policy").flatMap(AccessSettings.UnknownUserPolicy.init)
        settings.allowBots = block.boolean("allow_bots") ?? settings.allowBots
        settings.userAllowedCommands = block.words("user_allowed_commands").map { words in
            Set(words.map { $0.hasPrefix("/") ? String($0.dropFirst()) : $0 })
        }
        return settings
    }

    /// Nobody is called "", which `"${OWNER:-}"` comes to.
    private mutating func owner(_ block: CheckedBlock) -> SenderID? {
        guard let written = block.text("owner_user_id").map({ trimmed($0[...]) }) else { return nil }
        guard written.isEmpty else { return SenderID(written) }
        checker.note(
            .advice, block.place(of: "owner_user_id"), block.path(of: "owner_user_id"),
            "it is empty, so nobody is the owner")
        return nil
    }

    private mutating func people(_ block: CheckedBlock, _ key: String, _ groups: AccessGroups) -> Set<SenderID> {
        var people: Set<SenderID> = []
        for name in block.names(key) ?? [] {
            guard let group = AccessGroups.group(in: name.text) else {
                people.insert(SenderID(name.text))
                continue
            }
            do {
                people.formUnion(try groups.people(in: group).map(SenderID.init))
            } catch {
                report(error, at: name.place, path: block.path(of: key), groups)
            }
        }
        return people
    }

    /// Groups that nobody uses are looked at as well.
    mutating func checkGroups(_ block: CheckedBlock?, _ groups: AccessGroups) {
        for entry in block?.entries ?? [] {
            do {
                _ = try groups.people(in: entry.name)
            } catch {
                report(error, at: entry.keyPlace, path: "access_groups.\(entry.name)", groups)
            }
        }
    }

    private mutating func report(
        _ fault: AccessGroups.Fault, at place: SourcePlace, path: String, _ groups: AccessGroups
    ) {
        switch fault {
        case .unknown(let name):
            checker.report(
                place, path, "there is no access group \"\(excerpt(name))\"",
                suggestion: Spelling.suggestion(for: name, among: groups.names))
        case .cycle(let names):
            let circle = names.prefix(8).map { excerpt($0) }.joined(separator: " > ")
            checker.report(place, path, "these access groups contain each other: \(circle)")
        }
    }
}
