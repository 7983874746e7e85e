//! The one rule for ignoring case.

use reprieve_core::sql::fold;

#[test]
fn ascii_and_everything_else_become_lower_case() {
    assert_eq!(fold("Hello"), "hello");
    assert_eq!(fold("ÄÖÜ ЖЯ"), "äöü жя");
}

#[test]
fn a_sigma_is_a_sigma_wherever_it_stands() {
    assert_eq!(fold("ΟΔΟΣ"), fold("οδος"));
    assert!(fold("ΟΔΟΣ").contains(&*fold("Σ")));
}

#[test]
fn what_has_no_case_stays_as_it_is() {
    assert!(matches!(fold("plain 123"), std::borrow::Cow::Borrowed("plain 123")));
    assert_eq!(fold("日本"), "日本");
}
