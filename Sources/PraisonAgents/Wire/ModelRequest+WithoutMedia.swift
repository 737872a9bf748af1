import PraisonCore

extension ModelRequest {
    /// The request without pictures: where one was, it says that there was one.
    var withoutImages: ModelRequest {
        var request = self
        for index in request.messages.indices where !request.messages[index].images.isEmpty {
            let count = request.messages[index].images.count
            request.messages[index].images = []
            request.messages[index].text += "\n[\(count == 1 ? "a picture" : "\(count) pictures") you can't see]"
        }
        return request
    }

    /// The request without files that are no text. The model is told, so that it does not make up what is in them.
    var withoutFiles: ModelRequest {
        var request = self
        for index in request.messages.indices where !request.messages[index].files.isEmpty {
            let names = request.messages[index].files.map(\.name).joined(separator: ", ")
            request.messages[index].files = []
            request.messages[index].text += "\n[a file you can't read: \(names); say so when it matters]"
        }
        return request
    }
}
