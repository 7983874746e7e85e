//! Work that is run again because others were in the way ([`Error::is_retryable`](reprieve_core::Error::is_retryable)).
//! The faces run it; they wait as long as is said here.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::Duration;

/// The longest pause after the first failure, and after any.
const FIRST: Duration = Duration::from_millis(10);
const LONGEST: Duration = Duration::from_secs(1);

/// How long to wait before work is run again that failed so many times: a time at random, up to a limit that doubles each
/// time. At random, so that those who were in each other's way do not meet again.
pub fn pause(failures: u32) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    let limit = (FIRST * 2_u32.pow(doublings)).min(LONGEST);
    // The keys of a hash map are random, which is enough here.
    let random = RandomState::new().hash_one(failures) >> 11;
    limit.mul_f64(random as f64 / (1_u64 << 53) as f64)
}

#[cfg(test)]
mod tests {
    use super::{FIRST, LONGEST, pause};
    use std::collections::HashSet;

    #[test]
    fn a_pause_is_random_below_a_limit_that_grows_to_a_second() {
        assert!((0..1000).all(|_| pause(1) < FIRST));
        assert!((0..1000).all(|_| pause(3) < FIRST * 4));
        assert!((0..1000).all(|_| pause(u32::MAX) < LONGEST));
        assert!((0..1000).any(|_| pause(20) > LONGEST / 2));
        assert!((0..100).map(|_| pause(5)).collect::<HashSet<_>>().len() > 90);
    }
}
