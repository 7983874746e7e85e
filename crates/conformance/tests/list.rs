//! Whether each behaviour is in the list that makes tests of them.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;

#[test]
fn every_behaviour_is_listed() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let list = fs::read_to_string(source.join("suite.rs")).unwrap();
    let listed: Vec<&str> = list.lines().map(str::trim).collect();
    for file in fs::read_dir(source.join("behaviours")).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        for line in text.lines().filter_map(|line| line.strip_prefix("pub async fn ")) {
            let name = line.split('(').next().unwrap();
            assert!(listed.contains(&name), "{name} is not in the list of suite.rs");
        }
    }
}
