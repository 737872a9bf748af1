// Feeds the WebSocket decoder whatever libFuzzer comes up with; built by `Tests/Fuzzing/run` only.

import Foundation
import NIOCore
import PraisonCore

@testable import PraisonNet

/// libFuzzer's own `main`, for programs that have one already.
///
/// Source: https://llvm.org/docs/LibFuzzer.html#using-libfuzzer-as-a-library
@_silgen_name("LLVMFuzzerRunDriver")
func runFuzzer(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ test: @convention(c) (UnsafePointer<UInt8>, Int) -> Int32
) -> Int32

/// The first byte chooses the decoder, and where the rest is cut. libFuzzer's own `main`, which is linked in with the
/// rest of it, looks for this name.
@_cdecl("LLVMFuzzerTestOneInput")
func decode(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    guard let choice = UnsafeBufferPointer(start: bytes, count: count).first else { return 0 }
    let role: WebSocketRole = choice & 1 == 0 ? .client : .server
    let compression = choice & 2 == 0 ? nil : MessageCompression(serverKeepsContext: choice & 4 == 0)
    var decoder = WebSocketDecoder(role: role, maxMessageSize: 1 << 16, compression: compression)
    var rest = ByteBuffer(bytes: UnsafeBufferPointer(start: bytes + 1, count: count - 1))
    let piece = choice >> 3 == 0 ? max(1, rest.readableBytes) : Int(choice >> 3)
    do {
        while var input = rest.readSlice(length: min(piece, rest.readableBytes)), input.readableBytes > 0 {
            while let event = try decoder.next(from: &input) {
                if case .message(.binary(let bytes)) = event { precondition(bytes.count <= 1 << 16) }
                if case .close = event { return 0 }
            }
            precondition(input.readableBytes == 0)
        }
    } catch {
        precondition(error.code.mayBeSent)
    }
    return 0
}

var count = CommandLine.argc
var arguments = CommandLine.unsafeArgv as UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
exit(runFuzzer(&count, &arguments, decode))
