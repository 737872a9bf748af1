import PraisonCore

/// Tells a model's thinking from its answer where a server leaves `<think>…</think>` at the head of the text.
///
/// Only the very beginning counts: an answer may speak about the tag further down.
struct ThinkTagSplitter {
    struct Pieces: Equatable {
        var reasoning = ""
        var text = ""
    }

    private enum Place { case beginning, thinking, afterThinking, answering }

    private static let opening = "<think>"
    private static let closing = "</think>"

    private var place = Place.beginning
    private var held = ""

    /// Takes more of the text; what could still become a tag is held back until it is decided.
    mutating func feed(_ text: String) -> Pieces {
        guard place != .answering else { return Pieces(text: text) }
        held += text
        var pieces = Pieces()
        if place == .beginning { leaveBeginning(&pieces) }
        if place == .thinking { think(&pieces) }
        if place == .afterThinking { leaveThinking(&pieces) }
        return pieces
    }

    /// What was held back when the text ended.
    mutating func finish() -> Pieces {
        defer { held = "" }
        return place == .thinking ? Pieces(reasoning: held) : Pieces(text: held)
    }

    private mutating func leaveBeginning(_ pieces: inout Pieces) {
        let trimmed = held.drop(while: \.isWhitespace)
        if trimmed.hasPrefix(Self.opening) {
            held = String(trimmed.dropFirst(Self.opening.count))
            place = .thinking
        } else if !Self.opening.hasPrefix(trimmed) {
            pieces.text += held
            held = ""
            place = .answering
        }
    }

    private mutating func think(_ pieces: inout Pieces) {
        if let end = held.firstRange(of: Self.closing) {
            pieces.reasoning += held[..<end.lowerBound]
            held = String(held[end.upperBound...])
            place = .afterThinking
        } else {
            // The last characters may be the first of the closing tag.
            let kept = (1..<Self.closing.count).last { held.hasSuffix(Self.closing.prefix($0)) } ?? 0
            pieces.reasoning += held.dropLast(kept)
            held = String(held.suffix(kept))
        }
    }

    private mutating func leaveThinking(_ pieces: inout Pieces) {
        let trimmed = held.drop(while: \.isWhitespace)
        guard !trimmed.isEmpty else {
            held = ""
            return
        }
        pieces.text += trimmed
        held = ""
        place = .answering
    }
}

extension ModelEvent {
    /// What `pieces` are to a reader.
    static func events(of pieces: ThinkTagSplitter.Pieces) -> [ModelEvent] {
        (pieces.reasoning.isEmpty ? [] : [.reasoning(pieces.reasoning)])
            + (pieces.text.isEmpty ? [] : [.text(pieces.text)])
    }
}
