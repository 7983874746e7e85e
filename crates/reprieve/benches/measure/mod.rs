//! Two sides that do the same work, and the table of what they take.

use std::time::Instant;

const ROUNDS: usize = 41;

/// The names of the columns.
pub(crate) fn heading() {
    println!("{:<34} {:>12} {:>12} {:>7} {:>7}", "work", "ours", "by hand", "ratio", "limit");
}

/// The medians of both sides, in turns; the side that starts changes every round.
pub(crate) fn compare<S>(
    sides: &mut S,
    work: &str,
    times: i64,
    limit: f64,
    ours: fn(&mut S),
    by_hand: fn(&mut S),
) {
    let mut taken: [Vec<f64>; 2] = Default::default();
    for round in 0..ROUNDS {
        for side in if round % 2 == 0 { [0, 1] } else { [1, 0] } {
            let started = Instant::now();
            [ours, by_hand][side](sides);
            taken[side].push(started.elapsed().as_secs_f64() * 1e6 / times as f64);
        }
    }
    let [ours, other] = taken.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[ROUNDS / 2]
    });
    let ratio = ours / other;
    let verdict = if ratio <= limit { "ok" } else { "over" };
    println!("{work:<34} {ours:>9.2} µs {other:>9.2} µs {ratio:>6.2}x {limit:>6.1}x  {verdict}");
}
