/// An amount of US dollars in whole billionths, so that sums are exact.
public struct NanoDollars: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var value: Int64

    public init(_ value: Int64) { self.value = value }

    public static let zero = NanoDollars(0)
    public static func < (left: Self, right: Self) -> Bool { left.value < right.value }
    public static func + (left: Self, right: Self) -> Self {
        let (sum, overflow) = left.value.addingReportingOverflow(right.value)
        return NanoDollars(overflow ? .max : sum)
    }

    /// `0.0042` or `12.50`: as many digits as there are, at least two.
    public var description: String {
        let digits = String(value.magnitude)
        let padded = String(repeating: "0", count: max(10 - digits.count, 0)) + digits
        var fraction = padded.suffix(9)
        while fraction.count > 2, fraction.last == "0" { fraction.removeLast() }
        return (value < 0 ? "-" : "") + padded.dropLast(9) + "." + fraction
    }

    /// Reads `0.5` or `12`. `nil` for what is no amount, has more than nine decimal places or is too large.
    public init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let whole = Int64(parts[0]), whole >= 0, whole < 1_000_000_000 else {
            return nil
        }
        let fraction = parts.count == 2 ? parts[1] : ""
        guard fraction.utf8.count <= 9, fraction.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            parts.count == 1 || !fraction.isEmpty
        else { return nil }
        let nano = Int64(fraction + String(repeating: "0", count: 9 - fraction.utf8.count)) ?? 0
        value = whole * 1_000_000_000 + nano
    }
}

/// What a model's tokens cost, each.
public struct ModelPrice: Hashable, Sendable {
    public var input: NanoDollars
    public var cachedInput: NanoDollars
    public var output: NanoDollars

    public init(input: NanoDollars, cachedInput: NanoDollars, output: NanoDollars) {
        self.input = input
        self.cachedInput = cachedInput
        self.output = output
    }

    public func cost(of usage: TokenUsage) -> NanoDollars {
        func times(_ count: Int, _ price: NanoDollars) -> NanoDollars {
            let (product, overflow) = Int64(max(count, 0)).multipliedReportingOverflow(by: price.value)
            return NanoDollars(overflow ? .max : product)
        }
        let cached = min(max(usage.cachedInput, 0), max(usage.input, 0))
        return times(usage.input - cached, input) + times(cached, cachedInput) + times(usage.output, output)
    }
}

/// The `spending:` block.
public struct SpendingSettings: Hashable, Sendable {
    public var limits: [SpendLimit]
    /// By a model's name, or the beginning of it; goes before the built-in table.
    public var prices: [String: ModelPrice]
    /// What is said in the chat when a limit is reached; `nil` for a sentence of the gateway's.
    public var message: String?

    public init(limits: [SpendLimit] = [], prices: [String: ModelPrice] = [:], message: String? = nil) {
        self.limits = limits
        self.prices = prices
        self.message = message
    }
}

/// The most that may be spent in a day or month.
public struct SpendLimit: Hashable, Sendable {
    public enum Scope: String, Hashable, Sendable, CaseIterable { case all, agent, channel, sender }
    public enum Period: String, Hashable, Sendable, CaseIterable { case day, month }

    /// Whose spending is added up: everybody's, or each agent's, channel's or person's by itself.
    public var scope: Scope
    /// The only one it holds for; `nil` for each of them.
    public var only: String?
    public var period: Period
    public var amount: NanoDollars

    public init(scope: Scope = .all, only: String? = nil, period: Period = .day, amount: NanoDollars) {
        self.scope = scope
        self.only = only
        self.period = period
        self.amount = amount
    }
}

/// Who spends, and when.
public struct Spender: Hashable, Sendable {
    public var agent: AgentName
    public var channel: ChannelName
    /// The person: `CHANNEL/ID`, or the name under `identity:`.
    public var sender: String
    /// Days since 1970, in UTC.
    public var day: Int

    public init(agent: AgentName, channel: ChannelName, sender: String, day: Int) {
        self.agent = agent
        self.channel = channel
        self.sender = sender
        self.day = day
    }

    /// The spender as limits of `scope` call it.
    public func name(in scope: SpendLimit.Scope) -> String? {
        switch scope {
        case .all: nil
        case .agent: agent.rawValue
        case .channel: channel.rawValue
        case .sender: sender
        }
    }
}

/// What has been spent, as far as it is known.
public struct SpendTotal: Hashable, Sendable {
    public var calls: Int
    public var usage: TokenUsage
    public var cost: NanoDollars

    public init(calls: Int = 0, usage: TokenUsage = TokenUsage(input: 0, output: 0), cost: NanoDollars = .zero) {
        self.calls = calls
        self.usage = usage
        self.cost = cost
    }
}

/// Keeps account of what models cost, across restarts.
public protocol SpendLedger: Sendable {
    /// Sets `amount` aside before a call is made, unless one of `limits` would be passed with it. What is set aside counts
    /// as spent until it is settled; after a crash, for good.
    func reserve(_ amount: NanoDollars, for spender: Spender, within limits: [SpendLimit]) async throws
        -> SpendReservation

    /// Replaces what was set aside by what it came to.
    func settle(_ reservation: SpendReservation.ID, of spender: Spender, model: String, _ total: SpendTotal)
        async throws

    /// What has been spent from `first` on: `name` is an agent's, a channel's or a `CHANNEL/SENDER`.
    func spent(in scope: SpendLimit.Scope, by name: String?, since first: Int) async throws -> SpendTotal

    /// How far `limits` are used up, as ``reserve(_:for:within:)`` counts: those that hold for `spender`, in their order.
    func standing(of limits: [SpendLimit], for spender: Spender) async throws -> [SpendStanding]

    /// What has been spent from `first` on, by each agent (or channel, …): the dearest first, days the newest first.
    ///
    /// - Parameter limit: how many at most.
    func spending(by grouping: SpendGrouping, since first: Int, limit: Int) async throws -> [SpendShare]
}

/// How far a limit is used up.
public struct SpendStanding: Hashable, Sendable {
    public var limit: SpendLimit
    public var spent: NanoDollars
    /// For calls that have not ended, and for those that a crash ended.
    public var setAside: NanoDollars

    public init(_ limit: SpendLimit, spent: NanoDollars = .zero, setAside: NanoDollars = .zero) {
        self.limit = limit
        self.spent = spent
        self.setAside = setAside
    }
}

/// What an account can be broken down by.
public enum SpendGrouping: String, Hashable, Sendable, CaseIterable { case agent, channel, sender, model, day }

/// One line of an account that is broken down.
public struct SpendShare: Hashable, Sendable {
    /// Whose: a name, or the day as a number of days since 1970.
    public var name: String
    public var total: SpendTotal

    public init(name: String, total: SpendTotal) {
        self.name = name
        self.total = total
    }
}

public enum SpendReservation: Hashable, Sendable {
    public typealias ID = Int64

    case reserved(ID)
    /// This limit would be passed.
    case refused(SpendLimit)
}
