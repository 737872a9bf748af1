import PraisonCore

/// Writes to one WebSocket what waits for its client, in order, as fast as the socket takes it.
struct ClientWriter {
    /// Frames fetched from a session at once.
    private static let batch = 64

    let client: Client
    let connection: any WebSocketConnection

    func run() async {
        var line: Client.Line?
        do {
            while let work = await client.nextWork() {
                let current = line
                async let next = write(work, from: current)
                line = try await next
            }
        } catch {
            // The connection is gone; its reader finds out as well.
        }
    }

    /// Writes what there is to write.
    ///
    /// - Returns: where the session is read on.
    private func write(_ work: [Client.Work], from line: Client.Line?) async throws -> Client.Line? {
        var line = line
        for item in work { try await perform(item, &line) }
        try await drain(&line, through: .max)
        return line
    }

    private func perform(_ work: Client.Work, _ line: inout Client.Line?) async throws {
        switch work {
        case .frame(let text, let after):
            try await drain(&line, through: after)
            try await connection.send(.text(text))
        case .made(let make):
            if let text = make() { try await connection.send(.text(text)) }
        case .ping(let after):
            try await drain(&line, through: after)
            client.wrotePing(at: line?.cursor ?? 0)
            try await connection.send(.text(ServerFrame.ping))
        case .attach(let next): line = next
        case .detach: line = nil
        }
    }

    /// Sends the session's frames up to `sequence`, as far as there are any.
    private func drain(_ line: inout Client.Line?, through sequence: Int64) async throws {
        while let current = line, current.cursor < sequence {
            let frames = await current.session.frames(after: current.cursor, limit: Self.batch)
            if frames.isEmpty { return }
            for frame in frames where frame.sequence <= sequence {
                let isPast = frame.sequence <= current.replayThrough
                let text = isPast ? ServerFrame.replay(frame, isJoined: current.isJoined) : frame.text
                try await connection.send(.text(text))
                line?.cursor = frame.sequence
                client.wrote(through: frame.sequence)
            }
        }
    }
}
