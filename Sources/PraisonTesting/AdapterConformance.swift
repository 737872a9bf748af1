public import PraisonCore
public import PraisonSimulation

/// The promises of architecture.md §5, checked for one platform against its simulator.
///
/// ```swift
/// @Suite(.timeLimit(.minutes(5))) struct `the shop adapter` {
///     @Test(arguments: AdapterPromise.allCases, Mounting.allCases)
///     func `keeps every promise`(promise: AdapterPromise, mounting: Mounting) async throws {
///         try await AdapterConformance<ShopAdapter, ShopSimulator>().check(promise, mounting)
///     }
/// }
/// ```
///
/// A promise about something the adapter does not offer (no edits, no threads) holds by itself.
public struct AdapterConformance<Adapter: ChannelAdapter, Simulator: PlatformSimulator>: Sendable {
    typealias Stage = ConformanceStage<Adapter, Simulator>

    let settings: @Sendable (_ webhookURL: String) -> [(key: String, value: String)]

    /// - Parameter settings: what stands in the channel's block besides what the simulator names.
    public init(settings: @escaping @Sendable (_ webhookURL: String) -> [(key: String, value: String)] = { _ in [] }) {
        self.settings = settings
    }

    /// Records an issue for everything that is not as promised.
    public func check(_ promise: AdapterPromise, _ mounting: Mounting) async throws {
        switch mounting {
        case .inMemory: try await inMemory { try await keep(promise, $0) }
        case .overSockets: try await overSockets { try await keep(promise, $0) }
        }
    }

    private func keep(_ promise: AdapterPromise, _ stage: Stage) async throws {
        switch promise {
        case .meansWhatIsRecorded: try meansWhatIsRecorded()
        case .startsQuietly: try await startsQuietly(stage)
        case .tellsScopesApart: try await tellsScopesApart(stage)
        case .keepsThreadsApart: try await keepsThreadsApart(stage)
        case .hearsItsName: try await hearsItsName(stage)
        case .ignoresItself: try await ignoresItself(stage)
        case .recognisesRepetition: try await recognisesRepetition(stage)
        case .survivesTheUnknown: try await survivesTheUnknown(stage)
        case .bringsFiles: try await bringsFiles(stage)
        case .carriesLongTexts: try await carriesLongTexts(stage)
        case .carriesLongCode: try await carriesLongCode(stage)
        case .answersInPlace: try await answersInPlace(stage)
        case .changesItsWords: try await changesItsWords(stage)
        case .showsThatItWrites: try await showsThatItWrites(stage)
        case .reacts: try await reacts(stage)
        case .sendsFiles: try await sendsFiles(stage)
        case .waitsAsTold: try await waitsAsTold(stage)
        case .sortsRefusals: try await sortsRefusals(stage)
        case .admitsDoubt: try await admitsDoubt(stage)
        case .stopsWithoutToken: try await stopsWithoutToken(stage)
        case .ridesOutAnOutage: try await ridesOutAnOutage(stage)
        case .losesNothingUnstored: try await losesNothingUnstored(stage)
        case .tellsHowItFares: try await tellsHowItFares(stage)
        case .resumes: try await resumes(stage)
        case .runsAgain: try await runsAgain(stage)
        case .stopsPromptly: try await stopsPromptly(stage)
        case .keepsSecrets: try await keepsSecrets(stage)
        }
    }
}
