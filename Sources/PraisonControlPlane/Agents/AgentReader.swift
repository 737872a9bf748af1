import PraisonCore

/// Carries out what a process says that serves agents.
struct AgentReader {
    /// Questions of one process to other agents at once.
    private static let maximumQuestions = 64

    let client: Client
    let plane: PlaneParts

    /// - Parameter questions: where a question waits for its answer, which may come by this very connection.
    func carryOut(_ frame: ClientFrame.AgentFrame, _ questions: inout DiscardingTaskGroup) async {
        switch frame {
        case .register(let registration): await register(registration)
        case .part(let part, let turn):
            if await !plane.agents.take(part, of: turn, from: client) { tellUnknown(turn) }
        case .done(let reply, let turn):
            if !plane.agents.end(turn, with: .success(reply), from: client) { tellUnknown(turn) }
        case .failed(let error, let turn):
            if !plane.agents.end(turn, with: .failure(error), from: client) { tellUnknown(turn) }
        case .ask(let agent, let question, let turn, let id):
            guard client.beginQuestion(limit: Self.maximumQuestions) else {
                answer(id, error: "\(Self.maximumQuestions) questions wait for their answer already")
                return
            }
            questions.addTask { await ask(agent, question, turn, id) }
        case .handOver(let agent, let turn, let id):
            do throws(ToolError) {
                try plane.agents.handOver(to: agent, turn, client)
                client.send(Self.answer(id, Reply(text: "")).text)
            } catch {
                answer(id, error: error.description)
            }
        }
    }

    private func register(_ registration: RemoteAgents.Registration) async {
        // Turns wait for it already; the process is to hear of its registration before it hears of them.
        let refusal = await plane.agents.register(registration, by: client) { welcome(registration) }
        guard let refusal else { return }
        client.send(ServerFrame.error(refusal.message, code: refusal.code?.rawValue).text)
    }

    private func welcome(_ registration: RemoteAgents.Registration) {
        let server = plane.rooms.server
        let colleagues = plane.rooms.hub.agents.filter { $0.name != registration.name }
        client.send(
            ServerFrame(
                "agent_registered",
                [
                    "name": .string(registration.name.rawValue), "concurrency": JSONValue(registration.concurrency),
                    "max_payload": JSONValue(server.maxPayload),
                    "heartbeat_ms": JSONValue(Int(server.heartbeatInterval.inSeconds * 1000)),
                    "agents": .array(
                        colleagues.map {
                            [
                                "name": .string($0.name.rawValue), "description": JSONValue($0.summary),
                                "model": .string($0.model),
                            ]
                        }),
                ]
            ).text)
    }

    private func ask(_ agent: AgentName, _ question: String, _ turn: String, _ id: String) async {
        do {
            let reply = try await plane.agents.ask(agent, question, during: turn, client)
            // It counts until it is written, so that a process that reads nothing can't pile answers up.
            client.offer { [client] in
                client.endQuestion()
                return Self.answer(id, reply).text
            }
            return
        } catch let error as ToolError {
            answer(id, error: error.description)
        } catch {
            answer(id, error: "\(agent) could not answer")
        }
        client.endQuestion()
    }

    private static func answer(_ id: String, _ reply: Reply) -> ServerFrame {
        ServerFrame("agent_answer", ["request_id": .string(id), "reply": reply.wireJSON])
    }

    private func answer(_ id: String, error: String) {
        client.send(ServerFrame("agent_answer", ["request_id": .string(id), "error": .string(error)]).text)
    }

    private func tellUnknown(_ turn: String) {
        client.send(
            ServerFrame.error("this connection works on no turn \(turn.prefix(64))", code: "unknown_turn").text)
    }
}
