//! What a PostgreSQL server sends as values: any bytes are read or refused, and what is written of them is well formed.
//! And lists on their way to it, as JSON has them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use reprieve_postgres::fuzzing;

fuzz_target!(|input: &[u8]| {
    let Some((&kind, bytes)) = input.split_first() else { return };
    match fuzzing::read(kind.into(), bytes) {
        Some(fuzzing::Read::Json(text)) => {
            serde_json::from_str::<&serde_json::value::RawValue>(&text).expect("it is JSON");
        }
        Some(fuzzing::Read::Number(text)) => {
            let digits = text.strip_prefix('-').unwrap_or(&text);
            let plain = digits.starts_with(|c: char| c.is_ascii_digit())
                && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            assert!(plain || ["NaN", "Infinity"].contains(&digits), "{text}");
        }
        Some(fuzzing::Read::Cell) | None => {}
    }
    let _ = fuzzing::list(kind.into(), &String::from_utf8_lossy(bytes));
});
