import PraisonCore
import Testing

@testable import PraisonClient

@Suite struct `a client whose connection was closed` {
    @Test(arguments: [4001, 4003, 4028] as [UInt16])
    func `gives up where its token is no good`(_ code: UInt16) {
        guard case .stop(.closed(code, _)) = Disposition(closedWith: WebSocketCloseCode(rawValue: code)) else {
            Issue.record("it tries again after \(code)")
            return
        }
    }

    @Test(arguments: [4008, 4029] as [UInt16])
    func `waits a minute where there are too many connections`(_ code: UInt16) {
        guard case .retry(_, .seconds(60)) = Disposition(closedWith: WebSocketCloseCode(rawValue: code)) else {
            Issue.record("it does not wait after \(code)")
            return
        }
    }

    @Test(arguments: [1001, 1012, 1013, 4002, 4999, nil] as [UInt16?])
    func `tries again after whatever passes`(_ code: UInt16?) {
        let disposition = Disposition(closedWith: code.map { WebSocketCloseCode(rawValue: $0) })
        guard case .retry(let reason, nil) = disposition else {
            Issue.record("it does not try again at once")
            return
        }
        #expect(!reason.isEmpty)
    }
}
