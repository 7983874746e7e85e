//! Bytes as text that a URL takes as it is.
//!
//! Source: RFC 4648, section 5, without padding.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

pub(super) fn write(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits =
            group.iter().enumerate().fold(0, |bits, (i, byte)| bits | u32::from(*byte) << (16 - 8 * i));
        for i in 0..=group.len() {
            text.push(char::from(ALPHABET[(bits >> (18 - 6 * i)) as usize & 63]));
        }
    }
    text
}

/// `None` for a text that [`write`] did not make.
pub(super) fn read(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    for group in text.as_bytes().chunks(4) {
        let mut bits = 0;
        for (i, letter) in group.iter().enumerate() {
            bits |= value(*letter)? << (18 - 6 * i);
        }
        let whole = bits.to_be_bytes();
        let (kept, rest) = whole[1..].split_at_checked(group.len().checked_sub(1)?)?;
        if group.len() == 1 || rest.iter().any(|byte| *byte != 0) {
            return None;
        }
        bytes.extend_from_slice(kept);
    }
    Some(bytes)
}

fn value(letter: u8) -> Option<u32> {
    Some(
        match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        }
        .into(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_any_length_go_there_and_back() {
        let bytes: Vec<u8> = (0..=255).rev().collect();
        for length in 0..bytes.len() {
            let text = write(&bytes[..length]);
            assert_eq!(read(&text).as_deref(), Some(&bytes[..length]), "{text}");
        }
        assert_eq!(write(&[0xfb, 0xff]), "-_8");
    }

    #[test]
    fn what_was_not_written_is_not_read() {
        for text in ["A", "AAAAA", "AA==", "A+", "é", "-_9", " AA"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
