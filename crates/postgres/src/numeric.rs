//! Exact decimals as the server sends them: groups of four digits.
//!
//! Source: `numeric_send` in PostgreSQL's `src/backend/utils/adt/numeric.c`.

const LARGEST_GROUP: u16 = 9999;
const NEGATIVE: u16 = 0x4000;
const NAN: u16 = 0xC000;
const INFINITY: u16 = 0xD000;
const MINUS_INFINITY: u16 = 0xF000;

/// Appends the decimal in plain notation; `None` when the bytes are none.
pub(crate) fn append(bytes: &[u8], out: &mut String) -> Option<()> {
    let (head, mut digits) = bytes.split_at_checked(8)?;
    let word = |i: usize| u16::from_be_bytes([head[i], head[i + 1]]);
    let (count, weight, sign, scale) = (word(0), word(2) as i16, word(4), usize::from(word(6)));
    match sign {
        NAN => out.push_str("NaN"),
        INFINITY => out.push_str("Infinity"),
        MINUS_INFINITY => out.push_str("-Infinity"),
        _ => {
            let in_range = |group: &[u8]| u16::from_be_bytes([group[0], group[1]]) <= LARGEST_GROUP;
            if digits.len() != usize::from(count) * 2 || !digits.chunks_exact(2).all(in_range) {
                return None;
            }
            if sign == NEGATIVE {
                out.push('-');
            }
            let mut next = || {
                let (group, rest) = digits.split_at_checked(2)?;
                digits = rest;
                Some(u16::from_be_bytes([group[0], group[1]]))
            };
            for position in 0..=weight.max(-1) {
                let group = next().unwrap_or(0);
                match position {
                    0 => out.push_str(&group.to_string()),
                    _ => out.push_str(&format!("{group:04}")),
                }
            }
            if weight < 0 {
                out.push('0');
            }
            fraction(weight, scale, next, out);
        }
    }
    Some(())
}

fn fraction(weight: i16, scale: usize, mut next: impl FnMut() -> Option<u16>, out: &mut String) {
    if scale == 0 {
        return;
    }
    out.push('.');
    let start = out.len();
    // Groups before the first one that was sent are zero.
    let mut place = -1;
    while out.len() - start < scale {
        let group = if place > weight { 0 } else { next().unwrap_or(0) };
        out.push_str(&format!("{group:04}"));
        place -= 1;
    }
    out.truncate(start + scale);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(count: u16, weight: i16, sign: u16, scale: u16, groups: &[u16]) -> String {
        let mut bytes = Vec::new();
        for word in [count, weight as u16, sign, scale].iter().chain(groups) {
            bytes.extend_from_slice(&word.to_be_bytes());
        }
        let mut out = String::new();
        append(&bytes, &mut out).unwrap();
        out
    }

    #[test]
    fn groups_of_digits_become_plain_notation() {
        assert_eq!(read(0, 0, 0, 0, &[]), "0");
        assert_eq!(read(0, 0, 0, 2, &[]), "0.00");
        assert_eq!(read(2, 0, 0, 2, &[12, 5000]), "12.50");
        assert_eq!(read(2, 1, NEGATIVE, 0, &[1, 2]), "-10002");
        assert_eq!(read(1, 2, 0, 0, &[3]), "300000000");
        assert_eq!(read(1, -1, 0, 4, &[7]), "0.0007");
        assert_eq!(read(1, -3, 0, 12, &[7]), "0.000000000007");
        assert_eq!(read(0, 0, NAN, 0, &[]), "NaN");
        assert_eq!(read(0, 0, MINUS_INFINITY, 0, &[]), "-Infinity");
    }
}
