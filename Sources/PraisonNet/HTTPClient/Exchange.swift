import PraisonCore

/// A response that is lent while it arrives.
struct Exchange: Sendable {
    private let sink = StreamedResponse()
    private let transfer: Transfer
    private let loop: TransferLoop

    init(_ request: HTTPRequest, _ url: TargetURL, _ latest: ContinuousClock.Instant?, _ loop: TransferLoop) {
        transfer = Transfer(request, to: url, into: sink, latest: latest)
        self.loop = loop
    }

    /// Sends the request and waits for the response's head.
    func head() async -> Result<StreamedResponse.Head, HTTPError> {
        await loop.cancelling(transfer) {
            await sink.head { loop.send(.start(transfer)) }
        }
    }

    var body: HTTPBodyStream {
        HTTPBodyStream { [self] in
            try await loop.cancelling(transfer) {
                await sink.next { loop.send(.resume(transfer)) }
            }.get()
        }
    }

    /// Returns once the transfer is over, whatever was left of it.
    func end() async {
        await sink.ended { loop.send(.cancel(transfer)) }
    }
}

extension TransferLoop {
    /// Waits for `work`, and ends the transfer when the task is cancelled, after which `work` must return.
    func cancelling<Value>(_ transfer: Transfer, _ work: () async -> Value) async -> Value {
        await withTaskCancellationHandler(operation: work) { send(.cancel(transfer)) }
    }
}
