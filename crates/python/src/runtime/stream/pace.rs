//! How soon a server answers.

use std::time::{Duration, Instant};

/// The time from a request to the first bytes of its answer, of late.
#[derive(Default)]
pub(super) struct Pace {
    /// When something was asked that is not answered.
    asked: Option<Instant>,
    usual: Option<Duration>,
}

impl Pace {
    /// No answer counts as slower: one slow statement says little of the next.
    const SLOWEST: Duration = Duration::from_millis(1);

    /// Bytes went out.
    pub(super) fn ask(&mut self) {
        self.asked.get_or_insert_with(Instant::now);
    }

    /// Bytes came in. A faster answer counts more than a slower one, which may have had its reasons.
    pub(super) fn answer(&mut self) {
        let Some(asked) = self.asked.take() else { return };
        let took = asked.elapsed().min(Self::SLOWEST);
        self.usual = Some(match self.usual {
            None => took,
            Some(usual) if took < usual => (usual + took) / 2,
            Some(usual) => (usual * 7 + took) / 8,
        });
    }

    /// Until when an answer is to be expected, when it was asked for less than this ago and usually takes no longer.
    pub(super) fn due(&self, within: Duration) -> Option<Instant> {
        let end = self.asked? + within;
        (self.usual? <= within && Instant::now() < end).then_some(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WITHIN: Duration = Duration::from_secs(1);

    fn usual(usual: Duration) -> Pace {
        Pace { asked: Some(Instant::now()), usual: Some(usual) }
    }

    #[test]
    fn an_answer_is_expected_when_answers_came_in_that_time() {
        assert!(usual(WITHIN).due(WITHIN).is_some());
        assert!(usual(WITHIN * 2).due(WITHIN).is_none());
    }

    #[test]
    fn nothing_is_expected_of_a_server_that_was_not_asked_or_is_not_known() {
        let asked = Pace { asked: Some(Instant::now()), usual: None };
        assert!(asked.due(WITHIN).is_none());
        let mut answered = usual(WITHIN);
        answered.answer();
        assert!(answered.due(WITHIN).is_none());
    }

    #[test]
    fn an_answer_that_did_not_come_is_not_expected_any_more() {
        let late = Pace { asked: Instant::now().checked_sub(WITHIN * 2), usual: Some(WITHIN) };
        assert!(late.asked.is_none() || late.due(WITHIN).is_none());
    }

    #[test]
    fn a_slow_answer_is_forgotten_sooner_than_fast_ones() {
        let mut pace = usual(Duration::ZERO);
        pace.asked = Instant::now().checked_sub(WITHIN);
        pace.answer();
        assert!(pace.usual <= Some(Pace::SLOWEST / 8));
        pace.usual = Some(WITHIN);
        pace.ask();
        pace.answer();
        assert!(pace.usual < Some(WITHIN * 2 / 3));
    }
}
