/// The tools there are without a word under `tools:` or `mcp_servers:`.
public enum BuiltInTools {
    /// Every name an agent may write under its `tools:`.
    public static let names: Set<String> = named.union(given)

    static let searchWeb = "search_web"
    static let askAgent = "ask_agent"
    /// Those that come with `memory:` and `knowledge:`.
    static let given: Set<String> = ["remember", "recall", "look_up"]
    private static let named: Set<String> = [
        "current_time", "calculator", "get_weather", "fetch_url", "send_message", searchWeb, askAgent,
        HandOverTool.name,
    ]
}
