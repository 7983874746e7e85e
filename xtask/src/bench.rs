//! `cargo xtask bench`: both faces beside their databases used by hand.

use anyhow::Result;

use crate::environment::Environment;
use crate::postgres::Server;
use crate::{checkout, extension, process};

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let environment = Environment::prepare()?;
    environment.install_group("bench")?;
    extension::build(&environment)?;
    let server = Server::prepare(&environment)?;
    for program in ["benches/compare.py", "benches/postgres.py"] {
        let mut python = environment.python();
        process::shown("bench", server.tell(python.arg(program).args(arguments)))?;
    }
    println!("\nThe Rust face beside rusqlite and tokio-postgres\n");
    let mut cargo = checkout::cargo();
    cargo.args(["bench", "--quiet", "--package", "reprieve", "--bench", "*"]);
    process::shown("bench", server.tell(&mut cargo))
}
