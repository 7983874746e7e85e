//! The order of decimals that are stored as text.

use std::cmp::Ordering;

/// Compares two decimals in plain notation by their number, exactly: `9.5 < 10`, `1.50 = 1.5`, `-0 = 0`.
///
/// A database without exact decimals registers it as [`crate::sql::DECIMAL_COLLATION`]. It is a total order of all
/// texts, as a collation has to be: what is not a decimal comes after every decimal, in the order of its bytes.
///
/// ```
/// use reprieve_core::sql::compare_decimals;
///
/// assert!(compare_decimals("9.5", "10").is_lt());
/// assert!(compare_decimals("-2", "-1.99").is_lt());
/// assert!(compare_decimals("1.50", "1.5").is_eq());
/// ```
pub fn compare_decimals(left: &str, right: &str) -> Ordering {
    match (Decimal::read(left), Decimal::read(right)) {
        (Some(left), Some(right)) => left.compare(&right),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => left.cmp(right),
    }
}

/// A decimal as its digits, without the zeros that do not count.
struct Decimal<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
}

impl<'a> Decimal<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let (negative, digits) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.len() + fraction.len() == 0 || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        let zero = whole.is_empty() && fraction.is_empty();
        Some(Self { negative: negative && !zero, whole, fraction })
    }

    fn compare(&self, other: &Self) -> Ordering {
        let size = || {
            let whole = self.whole.len().cmp(&other.whole.len()).then_with(|| self.whole.cmp(other.whole));
            whole.then_with(|| self.fraction.cmp(other.fraction))
        };
        match (self.negative, other.negative) {
            (false, false) => size(),
            (true, true) => size().reverse(),
            (left, right) => right.cmp(&left),
        }
    }
}
