//! What is freed goes back to the system.
#![expect(unsafe_code, reason = "one call of the C library, with its argument")]

/// From this size on a block of memory has pages of its own, which go back to the system when it is freed, bytes.
const OWN_PAGES_BYTES: libc::c_int = 64 << 10;

/// Tells the C library's allocator to keep nothing of large blocks. By itself it raises that size to whatever was freed last, up to 32 MiB; uploads then leave holes in
/// each thread's own heap, and a server that runs for weeks grows by some MiB an hour (`docs/decisions/server-memory.md`). To be called before there are threads.
/// Elsewhere than with glibc it does nothing.
pub fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    for parameter in [libc::M_MMAP_THRESHOLD, libc::M_TRIM_THRESHOLD] {
        // SAFETY: mallopt takes two numbers and touches nothing but the allocator's own parameters; no other thread runs yet.
        let done = unsafe { libc::mallopt(parameter, OWN_PAGES_BYTES) };
        if done == 0 {
            tracing::debug!(parameter, "the allocator does not take this parameter");
        }
    }
}
