/// Which of a bot's connections: each server belongs to one of them, direct messages to the first.
///
/// Source: https://docs.discord.com/developers/events/gateway#sharding
struct ShardPart: Hashable, Sendable, CustomStringConvertible {
    /// The whole, where there is only one connection.
    static let all = ShardPart(number: 0, of: 1)

    let number: Int
    let count: Int

    init(number: Int, of count: Int) {
        self.number = number
        self.count = max(count, 1)
    }

    /// Whether what happens there comes by this connection.
    ///
    /// - Parameter guild: `nil` outside servers.
    func holds(_ guild: String?) -> Bool {
        guard let guild = guild.flatMap({ Snowflake($0) }) else { return number == 0 }
        return (guild.rawValue >> 22) % UInt64(count) == UInt64(number)
    }

    // MARK: Kept across restarts

    /// `0/3`
    var description: String { "\(number)/\(count)" }

    /// Reads some of them with spaces between; what is none stands for the whole.
    static func list(_ text: String) -> [ShardPart] {
        text.split(separator: " ").map { part in
            let numbers = part.split(separator: "/").compactMap { Int($0) }
            guard numbers.count == 2, (0..<numbers[1]).contains(numbers[0]) else { return .all }
            return ShardPart(number: numbers[0], of: numbers[1])
        }
    }
}
