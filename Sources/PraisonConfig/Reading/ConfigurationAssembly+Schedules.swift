extension ConfigurationAssembly {
    /// Schedules are not acted on yet, but whatever they refer to can be checked.
    mutating func checkSchedules(_ block: CheckedBlock?) {
        for (_, keyPlace, schedule) in block?.namedBlocks ?? [] {
            checkTime(schedule, keyPlace)
            if schedule.text("prompt")?.isEmpty ?? (schedule.entry("prompt") == nil), !hasProblem(schedule, "prompt") {
                checker.report(keyPlace, schedule.path(of: "prompt"), "missing; say what the agent is asked")
            }
            if let agent = schedule.text("agent"), !agent.isEmpty {
                requireAgent(agent, at: schedule.place(of: "agent"), path: schedule.path(of: "agent"))
            }
            checkChannel(schedule)
            if let deliver = schedule.block("deliver") { checkChannel(deliver) }
        }
    }

    private mutating func checkTime(_ schedule: CheckedBlock, _ place: SourcePlace) {
        let keys = ["schedule", "cron", "every", "at"]
        let written = keys.filter { schedule.entry($0) != nil }
        guard written.count != 1, !keys.contains(where: { hasProblem(schedule, $0) }) else { return }
        let message =
            written.isEmpty
            ? "missing when it runs; write one of cron, every, at or schedule"
            : "\(written.joined(separator: " and ")) both say when it runs; keep one"
        checker.report(place, schedule.path, message)
    }

    private mutating func checkChannel(_ block: CheckedBlock) {
        guard let name = block.text("channel") else { return }
        let names = (root?.block("channels")?.entries ?? []).map(\.name)
        guard !names.contains(name) else { return }
        checker.report(
            block.place(of: "channel"), block.path(of: "channel"),
            "there is no channel \"\(excerpt(name))\" (\(Self.listed(names, none: "there is none at all")))",
            suggestion: Spelling.suggestion(for: name, among: names))
    }
}
