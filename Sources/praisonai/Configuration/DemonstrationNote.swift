/// What is said once where the built-in demonstration model answers for all agents.
enum DemonstrationNote {
    static let text =
        "no key is set, so the built-in demonstration model answers for all of them; a provider's key in the "
        + "environment, such as OPENAI_API_KEY, or base_url in the file brings the models of the file"
}
