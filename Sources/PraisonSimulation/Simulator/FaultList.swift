public import PraisonCore
import Synchronization

/// Faults that wait for their moment, the first that fits first.
public final class FaultList: Sendable {
    /// Faults that may wait at once.
    static let capacity = 1000

    private let faults: Mutex<[SimulatorFault]> = Mutex([])

    init() {}

    public var waiting: [SimulatorFault] { faults.withLock { $0 } }

    public func add(_ fault: SimulatorFault) throws(SimulatorControlError) {
        let isFull = faults.withLock { faults in
            guard faults.count < Self.capacity else { return true }
            faults.append(fault)
            return false
        }
        if isFull { throw SimulatorControlError("faults: \(Self.capacity) are waiting already; reset first") }
    }

    func reset() { faults.withLock { $0 = [] } }

    /// Takes the fault that befalls a call.
    ///
    /// - Parameter applies: whether the platform has that fault for this call.
    func take(for call: some SimulatedCall, where applies: (SimulatorFault.Kind) -> Bool) -> SimulatorFault.Kind? {
        faults.withLock { faults in
            guard !faults.isEmpty else { return nil }
            let subject = "\(call.name) \(JSONValue.object(call.parameters).text())".lowercased()
            return Self.take(from: &faults) { fault in
                !fault.kind.isOfDelivery && fault.fits(subject) && applies(fault.kind)
            }
        }
    }

    /// Takes the fault `kind` (``SimulatorFault/Kind/duplicate`` or ``SimulatorFault/Kind/reorder``) that befalls a
    /// delivery.
    ///
    /// - Returns: whether there was one.
    public func takeDelivery(_ kind: SimulatorFault.Kind, of payload: @autoclosure () -> JSONValue) -> Bool {
        faults.withLock { faults in
            guard faults.contains(where: { $0.kind == kind }) else { return false }
            let subject = payload().text().lowercased()
            return Self.take(from: &faults) { $0.kind == kind && $0.fits(subject) } != nil
        }
    }

    /// Takes a fault of the platform's own.
    ///
    /// - Parameter subject: what its `match` must be found in.
    /// - Returns: what was said about it; `nil` when there is none.
    public func takeOwn(_ name: String, of subject: @autoclosure () -> String = "") -> [String: JSONValue]? {
        faults.withLock { faults in
            guard faults.contains(where: { $0.kind.name == name }) else { return nil }
            let subject = subject().lowercased()
            let kind = Self.take(from: &faults) { $0.kind.name == name && $0.fits(subject) }
            if case .own(_, let members) = kind { return members }
            return nil
        }
    }

    private static func take(
        from faults: inout [SimulatorFault], where fits: (SimulatorFault) -> Bool
    ) -> SimulatorFault.Kind? {
        for index in faults.indices where fits(faults[index]) {
            if faults[index].after > 0 {
                faults[index].after -= 1
                continue
            }
            let kind = faults[index].kind
            if let times = faults[index].times {
                faults[index].times = times - 1
                if times <= 1 { faults.remove(at: index) }
            }
            return kind
        }
        return nil
    }
}

extension SimulatorFault {
    fileprivate func fits(_ subject: String) -> Bool { match.map { subject.contains($0.lowercased()) } ?? true }
}
