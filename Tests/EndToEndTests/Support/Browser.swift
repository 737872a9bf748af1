import Foundation
import Logging
import PraisonCore
import PraisonNet
import Synchronization

/// A page in Chromium without a window, driven over the DevTools protocol
/// (https://chromedevtools.github.io/devtools-protocol/).
///
/// For one task at a time: an answer is waited for before the next thing is asked.
final class Browser: Sendable {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    static let isInstalled = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        .contains { FileManager.default.isExecutableFile(atPath: "\($0)/chromium") }

    private let connection: any WebSocketConnection
    /// Of the page; `nil` for the browser itself.
    private let session: String?
    /// Calls so far.
    private let count = Mutex(0)

    private init(connection: any WebSocketConnection, session: String?) {
        self.connection = connection
        self.session = session
    }

    /// Opens `url`, lends the page, and ends the browser afterwards.
    static func visit(
        _ url: String, in workspace: Workspace, _ body: @Sendable (Browser) async throws -> Void
    ) async throws {
        let chromium = try CommandProcess(
            [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--remote-debugging-port=0",
                "--user-data-dir=\(workspace.url.path())/browser", "about:blank",
            ], executable: "chromium", in: workspace)
        try await chromium.lending { chromium in
            let said = try await withTimeout(CommandProcess.patience, clock: SystemClock()) {
                try await chromium.errors.waitFor("/devtools/browser/")
            }
            guard let start = said.firstRange(of: "ws://") else { throw Failure(description: "no DevTools: \(said)") }
            let address = String(said[start.lowerBound...].prefix { !$0.isWhitespace })
            let client = NIOWebSocketClient(logger: Logger(label: "browser") { _ in SwiftLogNoOpLogHandler() })
            try await client.connect(to: address, headers: [:], limits: WebSocketLimits()) { connection in
                let browser = Browser(connection: connection, session: nil)
                let target = try await browser.ask("Target.createTarget", ["url": .string(url)])
                let attached = try await browser.ask(
                    "Target.attachToTarget", ["targetId": target["targetId"] ?? .null, "flatten": true])
                let page = Browser(connection: connection, session: attached["sessionId"]?.string)
                // What it does with this line it does before the page's own, on every load.
                _ = try await page.ask("Page.enable")
                _ = try await page.ask(
                    "Page.addScriptToEvaluateOnNewDocument", ["source": .string(Self.watch)])
                _ = try await page.ask("Page.navigate", ["url": .string(url)])
                try await body(page)
            }
        }
    }

    /// Keeps what goes wrong in the page, a rule of its content policy broken included.
    private static let watch = """
        window.faults = [];
        addEventListener("error", (event) => faults.push(event.message));
        addEventListener("unhandledrejection", (event) => faults.push(String(event.reason)));
        addEventListener("securitypolicyviolation", (event) => faults.push(event.violatedDirective));
        """

    /// What `expression` comes to once that is something: not `null`, `false`, 0 or empty.
    @discardableResult
    func wait(_ expression: String) async throws -> JSONValue {
        let script = """
            new Promise((resolve) => {
                const look = () => {
                    const found = document.readyState === "loading" ? null : (\(expression));
                    if (found) resolve(found); else setTimeout(look, 10);
                };
                look();
            })
            """
        do {
            return try await evaluate(script)
        } catch is TimeoutError {
            let page = try await evaluate("document.body.innerText + ' faults: ' + JSON.stringify(window.faults)")
            throw Failure(description: "never came true: \(expression)\nthe page says: \(page.string ?? "nothing")")
        }
    }

    /// Loads the page again, and returns once the new one is there.
    func reload() async throws {
        _ = try await evaluate("window.isOld = true; location.reload()")
        // A question that the old page was asked ends with it.
        while (try? await evaluate("!window.isOld && document.readyState !== 'loading'"))?.bool != true {
            try Task.checkCancellation()
        }
    }

    func evaluate(_ script: String) async throws -> JSONValue {
        let answer = try await ask(
            "Runtime.evaluate", ["expression": .string(script), "awaitPromise": true, "returnByValue": true])
        if let fault = answer["exceptionDetails"] { throw Failure(description: "\(script): \(fault.text())") }
        return answer["result"]?["value"] ?? .null
    }

    /// Types into what has the focus, and presses Enter.
    func type(_ text: String) async throws {
        _ = try await ask("Input.insertText", ["text": .string(text)])
        for kind in ["rawKeyDown", "char", "keyUp"] {
            _ = try await ask(
                "Input.dispatchKeyEvent",
                ["type": .string(kind), "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"])
        }
    }

    private func ask(_ method: String, _ parameters: [String: JSONValue] = [:]) async throws -> JSONValue {
        let number = count.withLock { count in
            count += 1
            return count
        }
        var call: [String: JSONValue] = [
            "id": JSONValue(number), "method": .string(method), "params": .object(parameters),
        ]
        if let session { call["sessionId"] = .string(session) }
        let text = JSONValue.object(call).text()
        return try await withTimeout(CommandProcess.patience, clock: SystemClock()) { [connection] in
            try await connection.send(.text(text))
            while case .text(let text)? = try await connection.receive() {
                let message = try JSONDocument(parsing: text)
                guard message["id"]?.int == number else { continue }
                if let error = message["error"] { throw Failure(description: "\(method): \(error.value.text())") }
                return message["result"]?.value ?? .null
            }
            throw Failure(description: "\(method): the browser is gone")
        }
    }
}
