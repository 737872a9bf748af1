/// One entry of `guardrails.registry:`: a rule for one agent or for all, as instructions and, where it says how, as a
/// check of what goes in and out.
public struct GuardrailSettings: Hashable, Sendable {
    public enum Stage: String, Hashable, Sendable, CaseIterable { case input, output }

    /// What becomes of a text that breaks the rule.
    public enum Policy: String, Hashable, Sendable, CaseIterable {
        /// Something else is said instead.
        case refuse
        /// The parts at fault are taken out; where it is the whole, something else is said.
        case redact
        /// The model is asked again; when that is no use either, something else is said.
        case retry
    }

    public enum PersonalDataKind: String, Hashable, Sendable, CaseIterable { case email, phone, card, iban, ip }

    public var name: String
    /// What the model is told, and what a judge is given.
    public var description: String
    /// The agent it binds; `nil` for all.
    public var agent: AgentName?
    /// What is checked.
    public var stages: Set<Stage>
    public var policy: Policy
    /// Regular expressions that must not match.
    public var patterns: [String]
    /// Words that must not occur, whatever their letters' size.
    public var blockedWords: [String]
    /// Characters.
    public var maxLength: Int?
    public var personalData: Set<PersonalDataKind>
    /// The only hosts links may lead to, with all below them; `nil` for any.
    public var allowedLinks: [String]?
    /// The model that judges by the description; `nil` for none.
    public var model: String?
    /// What is said instead; `nil` for a sentence in the language of the person.
    public var message: String?

    public init(
        name: String, description: String = "", agent: AgentName? = nil, stages: Set<Stage> = [.input, .output],
        policy: Policy = .refuse, patterns: [String] = [], blockedWords: [String] = [], maxLength: Int? = nil,
        personalData: Set<PersonalDataKind> = [], allowedLinks: [String]? = nil, model: String? = nil,
        message: String? = nil
    ) {
        self.name = name
        self.description = description
        self.agent = agent
        self.stages = stages
        self.policy = policy
        self.patterns = patterns
        self.blockedWords = blockedWords
        self.maxLength = maxLength
        self.personalData = personalData
        self.allowedLinks = allowedLinks
        self.model = model
        self.message = message
    }
}
