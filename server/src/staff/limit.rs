//! How often somebody may try to sign in: a bucket of tries for each login name. There is none for all together, because whoever empties that one keeps
//! everybody out; what all tries cost together is bounded where passwords are hashed ([`crate::staff::password`]).
//!
//! Kept in memory by each server process. Login names are kept as digests, known or not, and tries are counted before the password is
//! looked at, so that neither the answer nor the limit tells whether a login exists.

use crate::live::lock;
use invigil_format::Digest;
use std::collections::HashMap;
use std::sync::Mutex;

/// A login's tries come back one by one within this time.
const LOGIN_WINDOW_US: u64 = 900 * 1_000_000;
/// Logins remembered: more than can be hashed within the minute and a half in which one try comes back. Beyond it those whose bucket is full again are
/// forgotten first.
const MAX_LOGINS: usize = 10_000;

/// Come back after so many seconds (at least 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryAfter(pub u64);

/// The limiter. `now_us` is a boot time, so that setting the wall clock frees nobody.
#[derive(Debug)]
pub struct LoginLimit {
    login_tries: u64,
    /// A bucket is one number: when it will be full again (or was), in microseconds.
    logins: Mutex<HashMap<Digest, u64>>,
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
        Self { login_tries: u64::from(login_tries.max(1)), logins: Mutex::default() }
    }

    /// Counts one try of the login with this digest.
    pub fn try_login(&self, login: Digest, now_us: u64) -> Result<(), RetryAfter> {
        let mut logins = lock(&self.logins);
        let known = logins.get(&login).copied().unwrap_or(0);
        let full_us = take(known, now_us, self.login_tries, LOGIN_WINDOW_US / self.login_tries)
            .map_err(|us| RetryAfter(us.div_ceil(1_000_000).max(1)))?;
        if logins.len() >= MAX_LOGINS {
            logins.retain(|_, full_us| *full_us > now_us);
        }
        if logins.len() >= MAX_LOGINS && !logins.contains_key(&login) {
            // The one that is full again soonest was tried least: whoever fills this table makes room for no more tries of the login they guess at.
            let soonest = logins.iter().min_by_key(|(_, full_us)| **full_us).map(|(login, _)| *login);
            soonest.map(|soonest| logins.remove(&soonest));
        }
        logins.insert(login, full_us);
        Ok(())
    }

    /// The password was right: this login's tries start afresh.
    pub fn succeeded(&self, login: Digest) {
        lock(&self.logins).remove(&login);
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

    fn login(n: u64) -> Digest {
        Digest(std::array::from_fn(|i| if i < 8 { n.to_be_bytes()[i] } else { 0 }))
    }

    #[test]
    fn guessing_at_any_number_of_logins_keeps_nobody_else_out() {
        let limit = LoginLimit::new(5);
        let victim = login(0);
        for _ in 0..5 {
            limit.try_login(victim, SEC).unwrap();
        }
        for n in 1..2 * MAX_LOGINS as u64 {
            assert_eq!(limit.try_login(login(n), SEC), Ok(()));
        }
        assert_eq!(limit.try_login(login(u64::MAX), SEC), Ok(()), "somebody who signs in for the first time");
        assert_eq!(limit.try_login(victim, SEC), Err(RetryAfter(180)), "and the one who is guessed at was not forgotten");
    }

    #[test]
    fn memory_is_bounded() {
        let limit = LoginLimit::new(5);
        for n in 0_u64..30_000 {
            limit.try_login(login(n), (100 + n) * SEC).unwrap();
            assert!(limit.logins.lock().unwrap().len() <= MAX_LOGINS);
        }
    }
}
