//! What must not compile, and what the compiler then says: `tests/compile_fail`, one program a rule.
//!
//! What the compiler says around our messages changes with its version: the texts are those of Rust 1.95, and another version
//! may fail here for its own words. `TRYBUILD=overwrite cargo test -p reprieve --test all compile_fail` writes them anew, after
//! an update of the compiler as after a change of a message; then the difference is read: `git diff crates/reprieve/tests/compile_fail`.

#[test]
fn what_must_not_compile_says_why() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
