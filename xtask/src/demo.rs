//! `cargo xtask demo`: the example blog, in Python or in Rust, served until Ctrl-C, or checked over HTTP and stopped.

use std::fs;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::environment::Environment;
use crate::{checkout, extension, process};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Serve the blog that is written in Rust, on axum, instead of the one in Python; it needs no Python
    #[arg(long)]
    rust: bool,
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// Port to listen on
    #[arg(long, default_value_t = 8000)]
    port: u16,
    /// SQLite file of the blog; made when missing [default: target/demo/blog.db of the checkout]
    #[arg(long, value_name = "PATH")]
    database: Option<PathBuf>,
    /// Start the blog on a free port with a database of its own, use each endpoint once, stop it; exit 0 or 1
    #[arg(long, conflicts_with_all = ["host", "port", "database"])]
    check: bool,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    if !options.check {
        // Asked before the build: nobody should wait minutes for this.
        port_is_free(&options.host, options.port)?;
    }
    if options.rust {
        build_blog_axum()?;
    }
    if options.check {
        let environment = Environment::prepare()?;
        if options.rust {
            return process::shown("demo --rust --check", &mut check_rust(&environment));
        }
        extension::build(&environment)?;
        return process::shown("demo --check", &mut check(&environment));
    }
    serve(options)
}

/// The command that starts the example, uses each endpoint once and stops it.
pub(crate) fn check(environment: &Environment) -> Command {
    let mut check = environment.python();
    check.arg("examples/blog-fastapi/check.py");
    check
}

/// The same checks of the example in Rust. It MUST be built before: they do not wait for a compiler.
pub(crate) fn check_rust(environment: &Environment) -> Command {
    let mut check = check(environment);
    let blog = blog_axum("run");
    check.arg(blog.get_program()).args(blog.get_args()).arg("--");
    check
}

pub(crate) fn build_blog_axum() -> Result<()> {
    process::quiet("building blog-axum (minutes the first time)", &mut blog_axum("build"))
}

fn blog_axum(verb: &str) -> Command {
    let mut cargo = checkout::cargo();
    cargo.args([verb, "--quiet", "--package", "blog-axum"]);
    cargo
}

fn serve(options: &Options) -> Result<()> {
    // Both blogs can serve the same file, even at the same time.
    let database = match &options.database {
        Some(path) => std::path::absolute(path).context("cannot tell where the database is")?,
        None => checkout::path("target/demo/blog.db"),
    };
    if let Some(folder) = database.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    let mut server = if options.rust { axum(&database) } else { uvicorn(&database)? };
    server.args(["--host", &options.host, "--port", &options.port.to_string()]);
    announce(options, &database);
    replace_this_process(server)
}

fn axum(database: &Path) -> Command {
    let mut blog = blog_axum("run");
    blog.env("DATABASE_URL", format!("sqlite://{}", database.display())).arg("--");
    blog
}

fn uvicorn(database: &Path) -> Result<Command> {
    let environment = Environment::prepare()?;
    extension::build(&environment)?;
    let mut uvicorn = environment.python();
    uvicorn.env("BLOG_DATABASE_URL", format!("sqlite+aiosqlite:///{}", database.display())).args([
        "-m",
        "uvicorn",
        "--app-dir",
        "examples/blog-fastapi",
        "--factory",
        "blog.app:create_app",
    ]);
    Ok(uvicorn)
}

fn announce(options: &Options, database: &Path) {
    let site = format!("http://{}:{}", options.host, options.port);
    eprintln!("\n  The blog           {site}/\n  Its API to try     {site}/docs");
    eprintln!("  Its database       {}\n  Ctrl-C stops it.\n", database.display());
}

/// The server takes our place, so that Ctrl-C and a supervisor's signals reach it and nothing else.
#[cfg(unix)]
fn replace_this_process(mut server: Command) -> Result<()> {
    use std::os::unix::process::CommandExt;
    Err(server.exec()).context("cannot start the blog")
}

#[cfg(not(unix))]
fn replace_this_process(mut server: Command) -> Result<()> {
    let status = server.status().context("cannot start the blog")?;
    std::process::exit(status.code().unwrap_or(1));
}

fn port_is_free(host: &str, port: u16) -> Result<()> {
    match TcpListener::bind((host, port)) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AddrInUse => bail!(
            "port {port} of {host} is taken by another program: stop that, or choose a port, as in `cargo xtask demo --port {}`",
            port.checked_add(1).unwrap_or(8000),
        ),
        Err(error) => Err(error).with_context(|| format!("cannot listen on {host}:{port}")),
    }
}
