/// What every adapter promises, whatever its platform.
public enum AdapterPromise: String, CaseIterable, Sendable, CustomStringConvertible {
    // Hearing
    case meansWhatIsRecorded = "reads every recording as it is written beside it"
    case startsQuietly = "asks nothing of anybody before it runs"
    case tellsScopesApart = "tells dm, group and channel apart"
    case keepsThreadsApart = "tells in which thread something was said"
    case hearsItsName = "knows when it is called by name and when it is answered"
    case ignoresItself = "does not answer itself"
    case recognisesRepetition = "gives what is delivered twice the same identifier"
    case survivesTheUnknown = "takes kinds of payload it does not know in its stride"
    case bringsFiles = "brings files that come with a message, if asked and within the limit"
    // Speaking
    case carriesLongTexts = "carries a text over the limit whole, in order and intact"
    case carriesLongCode = "carries a code block over the limit line by line"
    case answersInPlace = "answers the message and the thread it is told to"
    case changesItsWords = "changes what it said, and may change it to the same"
    case showsThatItWrites = "shows that it is writing"
    case reacts = "reacts and takes its reaction back"
    case sendsFiles = "sends files with their names"
    // Trouble
    case waitsAsTold = "says how long the platform wants it to wait"
    case sortsRefusals = "says of each refusal what is to be done about it"
    case admitsDoubt = "does not claim to know whether a call that was cut off was carried out"
    case stopsWithoutToken = "stops for good when its token is refused"
    case ridesOutAnOutage = "rides out an outage with nothing lost or repeated"
    case losesNothingUnstored = "lets nothing be forgotten that the journal could not take"
    // Life
    case tellsHowItFares = "tells how it fares"
    case resumes = "resumes where it was after a restart"
    case runsAgain = "runs again after it was stopped"
    case stopsPromptly = "stops promptly and leaves no connection open"
    case keepsSecrets = "keeps its secrets out of logs and errors"

    public var description: String { rawValue }
}
