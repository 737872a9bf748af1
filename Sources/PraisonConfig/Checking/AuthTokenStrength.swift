public import PraisonCore

/// How well `auth_token` guards a gateway, by where it listens.
public enum AuthTokenStrength {
    /// Tokens from examples, and those that are tried first.
    ///
    /// Compared in lower case and without what is neither letter nor digit.
    private static let known: Set<String> = [
        "yoursecrettoken", "yourtoken", "yoursecret", "yourauthtoken", "secret", "secrettoken", "mysecret",
        "mysecrettoken", "supersecret", "changeme", "changethis", "changemeplease", "replaceme", "placeholder",
        "password", "passw0rd", "letmein", "token", "authtoken", "gatewaytoken", "admin", "root", "test", "testtoken",
        "example", "default", "praisonai", "12345678", "123456789", "1234567890", "qwertyui", "qwerty123",
        "abcdefgh", "abc12345", "todo", "xxxxxxxx", "none", "null", "undefined",
    ]

    /// Bytes below which anything can be guessed.
    private static let shortest = 8

    /// What is wrong with the token, in words that follow "the token is weak"; `nil` for a good one.
    public static func weakness(of token: Secret) -> String? {
        let plain = token.reveal().lowercased().filter { $0.isLetter || $0.isNumber }
        if known.contains(plain) { return "it is among the first that are tried" }
        if token.reveal().utf8.count < shortest { return "it is shorter than \(shortest) characters" }
        if Set(token.reveal()).count < 3 { return "it is one character over and over" }
        return nil
    }

    /// Whether only this machine can reach what listens on `host`.
    public static func isLoopback(_ host: String) -> Bool {
        let name = host.lowercased().filter { $0 != "[" && $0 != "]" }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return name == "localhost" || name == "::1"
            || parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
