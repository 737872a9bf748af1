"""Runs the cases of the Autobahn test suite under Python 3.

    suite.py prepare SDIST DIR                     unpacks the suite and converts its cases
    suite.py test-server DIR URL OUT [PATTERN...]  tests the server at URL
    suite.py test-client DIR OUT [PATTERN...]      serves the cases to a client; says where it listens

The suite is Python 2. Its cases are converted with lib2to3; its drivers (fuzzing.py) are replaced by the two classes
below. Python 2 strings are bytes: inside the cases they stay `str` with one character per byte (latin-1), and become
bytes only where a case hands them to Autobahn's WebSocket protocol or gets them from there.
"""
import binascii
import collections
import fnmatch
import importlib
import json
import pathlib
import re
import subprocess
import sys
import tarfile
import time
import types
import warnings

warnings.filterwarnings("ignore")
ACCEPTED = ("OK", "INFORMATIONAL")


def octets(value):
    return value.encode("latin-1") if isinstance(value, str) else value


def characters(value):
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).decode("latin-1")
    if isinstance(value, (list, tuple)):
        return tuple(characters(part) for part in value)
    return value


def prepare(sdist, folder):
    folder = pathlib.Path(folder)
    with tarfile.open(sdist) as archive:
        for member in archive.getmembers():
            path = member.name.partition("/")[2]
            if re.match(r"autobahntestsuite/(case/.*\.py|testdata/.+)$", path):
                member.name = path
                archive.extract(member, folder)
    package = folder / "autobahntestsuite"
    cases = package / "case"
    for file in cases.glob("*.py"):
        # Octets over 127 in byte literals become the characters of the same number.
        file.write_text(file.read_bytes().decode("latin-1"), encoding="utf-8")
    subprocess.run([sys.executable, "-W", "ignore", "-m", "lib2to3", "-w", "-n", str(cases)], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for file in cases.glob("*.py"):
        text = file.read_text(encoding="utf-8")
        # Python 3 finds no order of base classes for it.
        text = text.replace("(object, Case, )", "(Case, )")
        if file.name == "case10_1_1.py":
            text = re.sub(r"(?<=[\w)]) */ *(?=[\w(])", " // ", text)
        if file.name == "__init__.py":
            # Not among the cases, and needs what nobody has any more.
            text = re.sub(r"from \.case9_9_1 import \*\n", "", text)
        file.write_text(text, encoding="utf-8")
    (package / "__init__.py").touch()


def load(folder):
    """The case classes, in the suite's order."""
    sys.path.insert(0, str(folder))
    from autobahn.websocket import compress, utf8validator

    # The cases know these by names of an older Autobahn, in camel case.
    for kind in (compress.PerMessageDeflateOffer, compress.PerMessageDeflateOfferAccept,
                 compress.PerMessageDeflateResponseAccept):
        translate_names(kind)
    # For the folder of the test data only.
    resources = types.ModuleType("pkg_resources")
    resources.resource_filename = lambda package, path: str(pathlib.Path(folder) / package / path)
    sys.modules["pkg_resources"] = resources
    hexadecimal = types.ModuleType("binascii")
    vars(hexadecimal).update(vars(binascii))
    hexadecimal.b2a_hex = hexadecimal.hexlify = lambda data: binascii.hexlify(octets(data)).decode()
    real = utf8validator.Utf8Validator

    class Validator:
        def __init__(self):
            self.inner = real()
            self.reset = self.inner.reset

        def validate(self, text):
            return self.inner.validate(octets(text))

    sys.modules["binascii"], utf8validator.Utf8Validator = hexadecimal, Validator
    try:
        module = importlib.import_module("autobahntestsuite.case")
    finally:
        sys.modules["binascii"] = binascii
        utf8validator.Utf8Validator = real
    base = importlib.import_module("autobahntestsuite.case.case").Case
    base.compare = lambda self, left, right: characters(left) == characters(right)
    return module.Cases


def translate_names(kind):
    original = kind.__init__

    def snake(name):
        return re.sub(r"(?<=[a-z])([A-Z])", lambda match: "_" + match.group(1).lower(), name)

    def init(self, *arguments, **named):
        original(self, *arguments, **{snake(name): value for name, value in named.items()})

    kind.__init__ = init
    for name in ("requestNoContextTakeover", "requestMaxWindowBits", "acceptNoContextTakeover", "acceptMaxWindowBits",
                 "noContextTakeover", "windowBits"):
        setattr(kind, name, property(lambda self, name=snake(name): getattr(self, name)))


def identifier(case):
    return ".".join(case.__name__.removeprefix("Case").split("_"))


def choose(cases, patterns):
    return [case for case in cases if not patterns or any(fnmatch.fnmatch(identifier(case), p) for p in patterns)]


class Report:
    def __init__(self, path, total):
        self.path, self.total = path, total
        self.started, self.results = time.time(), {}
        self.told = self.started

    def add(self, case):
        self.results[identifier(type(case))] = {
            "behavior": case.behavior, "behaviorClose": case.behaviorClose, "result": str(case.result)[:200],
            "resultClose": str(case.resultClose)[:200]}
        if time.time() - self.told > 30:
            self.told = time.time()
            print(f"{len(self.results)} of {self.total} cases, the last {identifier(type(case))}, "
                  f"{self.told - self.started:.0f} s", file=sys.stderr, flush=True)
            self.save()

    def save(self):
        seconds = time.time() - self.started
        pathlib.Path(self.path).write_text(json.dumps({"seconds": seconds, "results": self.results}, indent=1))

    def finish(self, what):
        """Prints what went wrong and a summary; tells whether nothing did."""
        seconds = time.time() - self.started
        wrong = {name: result for name, result in self.results.items()
                 if result["behavior"] not in ACCEPTED or result["behaviorClose"] not in ACCEPTED}
        for name, result in wrong.items():
            print(f"  {name}: {result['behavior']} ({result['result']}), "
                  f"close {result['behaviorClose']} ({result['resultClose']})")
        counts = collections.Counter(result["behavior"] for result in self.results.values())
        words = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
        print(f"{what}: {len(self.results)} of {self.total} cases in {seconds:.0f} s: {words}", flush=True)
        self.save()
        return not wrong and len(self.results) == self.total


class Fuzzing:
    """What a case expects of the protocol it is given; mixed into Autobahn's client and server."""

    case = None
    report = None
    connectionWasOpen = False
    createWirelog = False

    def connectionMade(self):
        self.rxFrameStats, self.txFrameStats = collections.Counter(), collections.Counter()
        super().connectionMade()

    def connectionLost(self, reason):
        super().connectionLost(reason)
        if self.case:
            self.case.onConnectionLost(self.failedByMe)
            self.report.add(self.case)
            self.case = None

    def onOpen(self):
        self.connectionWasOpen = True
        if self.case:
            self.case.onOpen()

    def onMessage(self, payload, isBinary):
        if self.case:
            # The cases about compression compare with test data, which is read as bytes.
            data = identifier(type(self.case)).startswith(("12.", "13."))
            self.case.onMessage(bytes(payload) if data else characters(payload), isBinary)

    def onPing(self, payload):
        if self.case:
            self.case.onPing(characters(payload))

    def onPong(self, payload):
        if self.case:
            self.case.onPong(characters(payload))

    def onClose(self, wasClean, code, reason):
        if self.case:
            self.case.onClose(wasClean, code, reason)

    def logRxFrame(self, header, payload):
        self.rxFrameStats[header.opcode] += 1

    def logTxFrame(self, header, payload, *more):
        self.txFrameStats[header.opcode] += 1

    def logRxOctets(self, data):
        pass

    def logTxOctets(self, data, sync):
        pass

    def enableWirelog(self, enable):
        pass

    def later(self, delay, work):
        from twisted.internet import reactor
        reactor.callLater(delay, lambda: None if self.state == self.STATE_CLOSED else work())

    def continueLater(self, delay, work, tag=None):
        self.later(delay, work)

    def killAfter(self, delay):
        self.later(delay, self._fail_connection)

    def closeAfter(self, delay):
        self.later(delay, self.sendClose)


def takes_octets(protocol, name):
    original = getattr(protocol, name)

    def method(self, *arguments, **named):
        return original(self, *map(octets, arguments), **{key: octets(value) for key, value in named.items()})

    setattr(protocol, name, method)


def autobahn():
    from autobahn.twisted import websocket
    from autobahn.websocket.protocol import WebSocketProtocol
    for name in ("sendFrame", "sendMessage", "sendMessageFrame", "sendMessageFrameData", "sendPing", "sendPong",
                 "sendCloseFrame"):
        takes_octets(WebSocketProtocol, name)
    return websocket


def set_up(factory):
    factory.logFrames = factory.logOctets = True
    # As the suite does it, a violated protocol is answered with a close frame; its second of patience for an answer
    # is too short for a machine that has other work.
    factory.setProtocolOptions(failByDrop=False, openHandshakeTimeout=30, closeHandshakeTimeout=30)


def test_server(folder, url, out, *patterns):
    cases = choose(load(folder), patterns)
    websocket = autobahn()
    from twisted.internet import reactor
    report = Report(out, len(cases))
    waiting = iter(cases)

    class Protocol(Fuzzing, websocket.WebSocketClientProtocol):
        pass

    class Factory(websocket.WebSocketClientFactory):
        def buildProtocol(self, address):
            protocol = Protocol()
            protocol.factory, protocol.report = self, report
            protocol.case = self.next(protocol)
            return protocol

        def clientConnectionLost(self, connector, reason):
            if len(report.results) < len(cases):
                connector.connect()
            else:
                reactor.stop()

        def clientConnectionFailed(self, connector, reason):
            print("no connection:", reason.getErrorMessage())
            reactor.stop()

    factory = Factory(url)
    factory.next = lambda protocol: next(waiting)(protocol)
    set_up(factory)
    websocket.connectWS(factory)
    reactor.run()
    return report.finish("server")


def test_client(folder, out, *patterns):
    cases = choose(load(folder), patterns)
    websocket = autobahn()
    from twisted.internet import reactor
    report = Report(out, len(cases))

    class Protocol(Fuzzing, websocket.WebSocketServerProtocol):
        report_path = None

        def onConnect(self, request):
            self.report_path, self.report = request.path, report
            if request.path == "/runCase":
                self.case = cases[int(request.params["case"][0]) - 1](self)

        def onOpen(self):
            if self.report_path == "/getCaseCount":
                self.sendMessage(json.dumps(len(cases)).encode())
                self.sendClose()
            elif self.report_path == "/updateReports":
                self.sendClose()
                reactor.callLater(1, reactor.stop)
            else:
                super().onOpen()

    factory = websocket.WebSocketServerFactory()
    factory.protocol = Protocol
    set_up(factory)
    port = reactor.listenTCP(0, factory, interface="127.0.0.1")
    url = f"ws://127.0.0.1:{port.getHost().port}"
    # It checks the port in the Host header.
    factory.setSessionParameters(url)
    print(f"listening on {url}", flush=True)
    reactor.run()
    return report.finish("client")


if __name__ == "__main__":
    commands = {"prepare": prepare, "test-server": test_server, "test-client": test_client}
    sys.exit(0 if commands[sys.argv[1]](*sys.argv[2:]) in (None, True) else 1)
