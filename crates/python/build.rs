//! Hands the docstrings of `_engine.pyi` to this crate, as `text!("Query.filter")`: editors read that file, `help()` has
//! what is compiled in, and each text is written once.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

const STUB: &str = "../../python/fastapi_orm/_engine.pyi";
const QUOTES: &str = "\"\"\"";
/// What a name without a docstring is: a build error at its place.
const MISSING: &str =
    "    ($name:literal) => { compile_error!(concat!(\"_engine.pyi has no docstring of \", $name)) };\n";

#[allow(clippy::disallowed_methods, reason = "cargo says in the environment where to write")]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={STUB}");
    let stub = fs::read_to_string(STUB).map_err(|error| format!("{STUB}: {error}"))?;
    let mut macro_ = String::from("macro_rules! text {\n");
    for (name, text) in docstrings(&stub) {
        macro_ += &format!("    ({name:?}) => {{ {text:?} }};\n");
    }
    macro_ += MISSING;
    macro_ += "}\n";
    fs::write(Path::new(&env::var("OUT_DIR")?).join("text.rs"), macro_)?;
    Ok(())
}

/// The docstrings of the module, its classes, their methods, and functions, by name. Each begins a line, and is dedented
/// as Python's `inspect.cleandoc` does.
fn docstrings(stub: &str) -> Vec<(String, String)> {
    let (mut found, mut class, mut owner) = (Vec::new(), "", String::from("_engine"));
    let mut lines = stub.lines();
    while let Some(line) = lines.next() {
        let code = line.trim_start();
        let indent = line.len() - code.len();
        if let Some(rest) = code.strip_prefix("class ") {
            class = identifier(rest);
            owner = class.to_owned();
        } else if let Some(rest) = code.strip_prefix("def ") {
            let name = identifier(rest);
            owner = if indent == 0 { name.to_owned() } else { format!("{class}.{name}") };
        } else if let Some(first) = code.strip_prefix(QUOTES) {
            let mut text = first.to_owned();
            while !text.ends_with(QUOTES) {
                let Some(line) = lines.next() else { break };
                text.push('\n');
                text += line.get(indent..).unwrap_or_default();
            }
            found.push((owner.clone(), text.trim_end_matches(QUOTES).trim_end().to_owned()));
        }
    }
    found
}

fn identifier(code: &str) -> &str {
    code.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default()
}
