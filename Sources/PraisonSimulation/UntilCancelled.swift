import PraisonCore

/// Returns when the task is cancelled, and not before: what hangs, in a test.
public func untilCancelled() async {
    await Observed(false).wait { $0 }
}
