#if canImport(Glibc)
    import Glibc
#endif

/// The system's words for an error number.
func systemMessage(_ number: Int32) -> String {
    String(cString: strerror(number))
}
