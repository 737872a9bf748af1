import PraisonCore
import Synchronization

/// Where conversations went that the platform moved while this process runs; the journal is told at the same time.
final class AddressBook: Sendable {
    private struct Place: Hashable {
        var channel: ChannelName
        var id: Conversation.ID
    }

    /// Moves are rare: a group becomes a larger one once in its life.
    private static let maximumMoves = 10_000
    private let moves = Mutex<[Place: Conversation.ID]>([:])

    func note(_ old: Conversation, movedTo new: Conversation.ID) {
        moves.withLock { moves in
            if moves.count >= Self.maximumMoves { moves = [:] }
            moves[Place(channel: old.channel, id: old.id)] = new
        }
    }

    /// The conversation under its present identifier.
    func current(_ conversation: Conversation) -> Conversation {
        moves.withLock { moves in
            guard !moves.isEmpty else { return conversation }
            var conversation = conversation
            // Twice at most: two conversations that claim to be each other must not hold anybody up.
            for _ in 1...2 {
                guard let id = moves[Place(channel: conversation.channel, id: conversation.id)] else { break }
                conversation.id = id
            }
            return conversation
        }
    }
}
