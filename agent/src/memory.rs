//! What is free goes back to the system.
#![cfg_attr(all(target_os = "linux", target_env = "gnu"), expect(unsafe_code, reason = "one call of the C library"))]

/// How often, us: what a stall has piled up is to be gone again while the exam goes on, and a look costs the threads some ms of their allocator.
pub const EVERY_US: u64 = 60_000_000;

/// Gives back what the C library's allocator keeps although nobody uses it. When the disk, the link or the processor stands still for a moment, footage waits in memory; the
/// allocator would keep that much for good. Elsewhere than with glibc it does nothing.
pub fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: it takes a number, locks what it looks at, and gives back only pages that no block in use touches.
    unsafe {
        libc::malloc_trim(0);
    }
}

#[cfg(test)]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod tests {
    use super::*;

    /// Memory that no file holds, bytes.
    fn anonymous() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
    }

    #[test]
    fn what_waited_and_is_gone_does_not_stay_with_the_process() {
        const PILED_UP: u64 = 256 << 20;
        let before = anonymous();
        // Below the size from which the allocator gives blocks back by itself; every hundredth stays, as in life.
        let mut blocks: Vec<Vec<u8>> = (0..PILED_UP >> 14).map(|_| vec![1; 16 << 10]).collect();
        assert!(anonymous() > before + PILED_UP / 2);
        let mut number = 0;
        blocks.retain(|_| {
            number += 1;
            number % 100 == 0
        });
        let kept = anonymous();
        assert!(kept > before + PILED_UP / 2, "the allocator gives it back by itself: {kept} of {PILED_UP} bytes");
        give_back();
        let after = anonymous();
        assert!(after < before + PILED_UP / 4, "{after} bytes, {before} before");
        drop(blocks);
    }
}
