//! How often somebody may try to sign in: a bucket of tries for each login name, and one for all together.
//!
//! Kept in memory by each server process. Login names are kept as digests, known or not, and tries are counted before the password is
//! looked at, so that neither the answer nor the limit tells whether a login exists.

use invigil_format::Digest;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// A login's tries come back one by one within this time.
const LOGIN_WINDOW_US: u64 = 900 * 1_000_000;
/// Tries of everybody in a row. An exam morning's sign-ins fit; guessing at many logins at once does not.
const GLOBAL_BURST: u64 = 60;
/// After that, one more try every so many milliseconds.
const GLOBAL_REFILL_MS: u64 = 250;
/// Logins remembered. Beyond it those whose bucket is full again are forgotten first.
const MAX_LOGINS: usize = 10_000;

/// Come back after so many seconds (at least 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryAfter(pub u64);

/// The limiter. `now_us` is a boot time, so that setting the wall clock frees nobody.
#[derive(Debug)]
pub struct LoginLimit {
    login_tries: u64,
    state: Mutex<State>,
}

/// A bucket is one number: when it will be full again (or was), in microseconds.
#[derive(Debug, Default)]
struct State {
    global_full_us: u64,
    logins: HashMap<Digest, u64>,
}

/// When a bucket is full again after one more try, or how many microseconds too early the try comes.
fn take(full_us: u64, now_us: u64, burst: u64, refill_us: u64) -> Result<u64, u64> {
    let after = full_us.max(now_us) + refill_us;
    let latest = now_us + burst * refill_us;
    if after <= latest { Ok(after) } else { Err(after - latest) }
}

impl LoginLimit {
    /// Allows one login so many tries in a row, and as many again in each 15 minutes.
    pub fn new(login_tries: u32) -> Self {
        Self { login_tries: u64::from(login_tries.max(1)), state: Mutex::default() }
    }

    /// Counts one try of the login with this digest.
    pub fn try_login(&self, login: Digest, now_us: u64) -> Result<(), RetryAfter> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = |us: u64| RetryAfter(us.div_ceil(1_000_000).max(1));
        let known = state.logins.get(&login).copied().unwrap_or(0);
        let login_full_us = take(known, now_us, self.login_tries, LOGIN_WINDOW_US / self.login_tries).map_err(wait)?;
        let global_full_us = take(state.global_full_us, now_us, GLOBAL_BURST, GLOBAL_REFILL_MS * 1000).map_err(wait)?;
        if state.logins.len() >= MAX_LOGINS {
            state.logins.retain(|_, full_us| *full_us > now_us);
        }
        if state.logins.len() >= MAX_LOGINS && !state.logins.contains_key(&login) {
            return Err(RetryAfter(60));
        }
        state.global_full_us = global_full_us;
        state.logins.insert(login, login_full_us);
        Ok(())
    }

    /// The password was right: this login's tries start afresh.
    pub fn succeeded(&self, login: Digest) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).logins.remove(&login);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEC: u64 = 1_000_000;

    #[test]
    fn the_sixth_try_waits_three_minutes_and_others_do_not() {
        let limit = LoginLimit::new(5);
        let (a, b) = (Digest([1; 32]), Digest([2; 32]));
        let start = 100 * SEC;
        for _ in 0..5 {
            assert_eq!(limit.try_login(a, start), Ok(()));
        }
        assert_eq!(limit.try_login(a, start), Err(RetryAfter(180)));
        assert_eq!(limit.try_login(a, start + 179 * SEC), Err(RetryAfter(1)), "a refused try costs nothing");
        assert_eq!(limit.try_login(b, start), Ok(()));
        assert_eq!(limit.try_login(a, start + 180 * SEC), Ok(()));
        assert_eq!(limit.try_login(a, start + 180 * SEC), Err(RetryAfter(180)));
    }

    #[test]
    fn the_right_password_ends_the_waiting() {
        let limit = LoginLimit::new(5);
        let a = Digest([1; 32]);
        for _ in 0..5 {
            limit.try_login(a, SEC).unwrap();
        }
        limit.succeeded(a);
        assert_eq!(limit.try_login(a, SEC), Ok(()));
    }

    #[test]
    fn many_logins_together_are_limited_too() {
        let limit = LoginLimit::new(5);
        let login = |n: u64| Digest(std::array::from_fn(|i| if i < 8 { n.to_be_bytes()[i] } else { 0 }));
        assert_eq!((0..1000).filter(|n| limit.try_login(login(*n), SEC).is_ok()).count(), 60);
        assert_eq!((1000..2000).filter(|n| limit.try_login(login(*n), 2 * SEC).is_ok()).count(), 4, "four a second");
    }

    #[test]
    fn memory_is_bounded() {
        let limit = LoginLimit::new(5);
        for n in 0_u64..30_000 {
            let login = Digest(std::array::from_fn(|i| if i < 8 { n.to_be_bytes()[i] } else { 0 }));
            limit.try_login(login, (100 + n) * SEC).unwrap();
            assert!(limit.state.lock().unwrap().logins.len() <= MAX_LOGINS);
        }
    }
}
