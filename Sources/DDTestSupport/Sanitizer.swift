import Glibc

/// The address and the thread sanitizer, which tests may be built with, and the programs with them.
public enum Sanitizer {
    /// Memory and time are not what they are without.
    public static let isPresent = dlsym(nil, "__asan_init") != nil || dlsym(nil, "__tsan_init") != nil
}
