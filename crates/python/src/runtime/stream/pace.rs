//! How soon a server answers, and whether it is worth looking for its answer.

use std::time::{Duration, Instant};

/// The time from a request to the first bytes of its answer, of late.
#[derive(Default)]
pub(super) struct Pace {
    /// When something was asked that is not answered.
    asked: Option<Instant>,
    usual: Option<Duration>,
    /// How often in a row an answer was looked for and did not come.
    vain: u32,
    /// So many answers are not looked for.
    rest: u32,
}

impl Pace {
    /// No answer counts as slower: one slow statement says little of the next.
    const SLOWEST: Duration = Duration::from_millis(1);
    /// After so many looks in vain so many answers are not looked for.
    const MOST_IN_VAIN: u32 = 3;
    const REST: u32 = 200;

    /// Bytes went out.
    pub(super) fn ask(&mut self) {
        self.asked.get_or_insert_with(Instant::now);
    }

    /// Bytes came in. A faster answer counts more than a slower one, which may have had its reasons.
    pub(super) fn answer(&mut self) {
        let Some(asked) = self.asked.take() else { return };
        self.rest = self.rest.saturating_sub(1);
        let took = asked.elapsed().min(Self::SLOWEST);
        self.usual = Some(match self.usual {
            None => took,
            Some(usual) if took < usual => (usual + took) / 2,
            Some(usual) => (usual * 7 + took) / 8,
        });
    }

    /// Until when an answer is to be looked for, when it was asked for less than this ago. Answers that were waited for
    /// took longer than those that are looked for, by the time that waking takes: it is tried whether that makes the
    /// difference.
    pub(super) fn due(&self, within: Duration) -> Option<Instant> {
        let end = self.asked? + within;
        (self.rest == 0 && self.usual? <= within * 2 && Instant::now() < end).then_some(end)
    }

    /// An answer was looked for; whether it came.
    pub(super) fn looked(&mut self, came: bool) {
        self.vain = if came { 0 } else { self.vain + 1 };
        if self.vain >= Self::MOST_IN_VAIN {
            (self.vain, self.rest) = (0, Self::REST);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WITHIN: Duration = Duration::from_secs(1);

    fn asked(usual: Option<Duration>) -> Pace {
        Pace { asked: Some(Instant::now()), usual, ..Pace::default() }
    }

    #[test]
    fn an_answer_is_looked_for_when_answers_came_about_that_fast() {
        assert!(asked(Some(WITHIN * 2)).due(WITHIN).is_some());
        assert!(asked(Some(WITHIN * 3)).due(WITHIN).is_none());
    }

    #[test]
    fn nothing_is_expected_of_a_server_that_was_not_asked_or_is_not_known() {
        assert!(asked(None).due(WITHIN).is_none());
        let mut answered = asked(Some(WITHIN));
        answered.answer();
        assert!(answered.due(WITHIN).is_none());
    }

    #[test]
    fn an_answer_that_did_not_come_is_not_looked_for_any_more() {
        let late = Pace { asked: Instant::now().checked_sub(WITHIN * 2), ..asked(Some(WITHIN)) };
        assert!(late.asked.is_none() || late.due(WITHIN).is_none());
    }

    #[test]
    fn who_looks_in_vain_rests() {
        let mut pace = asked(Some(WITHIN));
        for came in [false, false, true, false, false] {
            pace.looked(came);
            assert!(pace.due(WITHIN).is_some());
        }
        pace.looked(false);
        for _ in 0..Pace::REST {
            assert!(pace.due(WITHIN).is_none());
            pace.answer();
            pace.ask();
        }
        assert!(pace.due(WITHIN).is_some());
    }

    #[test]
    fn a_slow_answer_is_forgotten_sooner_than_fast_ones() {
        let mut pace = asked(Some(Duration::ZERO));
        pace.asked = Instant::now().checked_sub(WITHIN);
        pace.answer();
        assert!(pace.usual <= Some(Pace::SLOWEST / 8));
        pace.usual = Some(WITHIN);
        pace.ask();
        pace.answer();
        assert!(pace.usual < Some(WITHIN * 2 / 3));
    }
}
