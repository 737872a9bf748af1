import CCurl
import COpenSSL

/// One of libcurl's easy handles, with the memory it refers to. Confined to the loop's thread.
final class EasyHandle {
    let pointer: UnsafeMutableRawPointer
    private let errorBuffer: UnsafeMutablePointer<CChar>
    private var headerList: UnsafeMutablePointer<curl_slist>?

    init?() {
        guard let pointer = curl_easy_init() else { return nil }
        self.pointer = pointer
        errorBuffer = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorBuffer.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        set(CURLOPT_ERRORBUFFER, pointer: errorBuffer)
    }

    deinit {
        curl_easy_cleanup(pointer)
        curl_slist_free_all(headerList)
        errorBuffer.deallocate()
    }

    /// Forgets all options. Only while no transfer uses the handle.
    func reset() {
        curl_easy_reset(pointer)
        curl_slist_free_all(headerList)
        headerList = nil
        errorBuffer[0] = 0
        set(CURLOPT_ERRORBUFFER, pointer: errorBuffer)
    }

    func set(_ option: CURLoption, _ value: Int) { praison_easy_set_long(pointer, option, value) }
    func set(_ option: CURLoption, _ value: Bool) { praison_easy_set_long(pointer, option, value ? 1 : 0) }
    func set(_ option: CURLoption, _ value: String?) { praison_easy_set_string(pointer, option, value) }
    func set(_ option: CURLoption, offset: Int) { praison_easy_set_offset(pointer, option, curl_off_t(offset)) }
    func set(_ option: CURLoption, pointer value: UnsafeRawPointer?) {
        praison_easy_set_pointer(pointer, option, value)
    }

    func setHeaders(_ lines: [String]) {
        for line in lines { headerList = curl_slist_append(headerList, line) }
        praison_easy_set_list(pointer, CURLOPT_HTTPHEADER, headerList)
    }

    /// libcurl's own words about the last failure; they may hold anything.
    var errorText: String { String(cString: errorBuffer) }

    /// Whether the connection of a request that is about to be written was agreed to be HTTP/2 (ALPN, RFC 7301).
    var speaksHTTP2: Bool {
        guard let connection = praison_easy_tls_connection(pointer) else { return false }
        var name: UnsafePointer<UInt8>?
        var length: UInt32 = 0
        SSL_get0_alpn_selected(OpaquePointer(connection), &name, &length)
        return UnsafeBufferPointer(start: name, count: Int(length)).elementsEqual("h2".utf8)
    }

    func information(_ info: CURLINFO) -> Int {
        var value = 0
        praison_easy_get_long(pointer, info, &value)
        return value
    }
}
