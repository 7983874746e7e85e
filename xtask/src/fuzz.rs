//! `cargo xtask fuzz`: what clients and servers may send, by the million, to what reads it.
//!
//! The targets are laid out for cargo-fuzz, which needs a nightly compiler for its sanitizers. The crates that are fuzzed have
//! no `unsafe`, so that coverage alone finds what there is to find, and a stable compiler has that.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;
use std::thread;

use anyhow::{Context, Result, bail};

use crate::{checkout, process};

const TARGETS: [&str; 5] = ["address", "cursor", "raw_sql", "values", "wire"];

/// What cargo-fuzz passes too, but for a sanitizer.
const COVERAGE: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Which targets; all of them when none is named
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(TARGETS))]
    targets: Vec<String>,
    /// How long each one runs
    #[arg(long, default_value_t = 60)]
    seconds: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { targets: Vec::new(), seconds: 60 }
    }
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let programs = build()?;
    let mut waiting: Vec<String> = options.targets.clone();
    if waiting.is_empty() {
        waiting.extend(TARGETS.map(String::from));
    }
    eprintln!("==> fuzzing {} for {} seconds each", waiting.join(", "), options.seconds);
    let (waiting, failed) = (Mutex::new(waiting), Mutex::new(Vec::new()));
    let processors = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..processors {
            scope.spawn(|| {
                while let Some(target) = locked(&waiting).pop() {
                    if let Err(error) = fuzz(&target, programs.join(&target), options.seconds) {
                        locked(&failed).push(format!("{error:#}"));
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap_or_default();
    if !failed.is_empty() {
        bail!("{}", failed.join("\n"));
    }
    Ok(())
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// The folder of the programs.
fn build() -> Result<PathBuf> {
    let host = host()?;
    let target = checkout::path("target/fuzz");
    let mut cargo = checkout::cargo();
    cargo.env("RUSTFLAGS", COVERAGE).env("CARGO_TARGET_DIR", &target);
    // With a target named, the flags are for it alone: not for build scripts, which have no libFuzzer to report to.
    cargo.args(["build", "--release", "--manifest-path", "fuzz/Cargo.toml", "--target", &host]);
    process::quiet("building the fuzz targets (a minute the first time)", &mut cargo)?;
    Ok(target.join(host).join("release"))
}

fn host() -> Result<String> {
    let output = checkout::command("rustc").arg("-vV").output().context("rustc does not run")?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("rustc does not say what it compiles for")
}

/// Inputs that reached something new are kept in target/fuzz/corpus, for the next run; those of fuzz/corpus are committed.
fn fuzz(target: &str, program: PathBuf, seconds: u32) -> Result<()> {
    let found = checkout::path("target/fuzz/corpus").join(target);
    let faults = checkout::path("target/fuzz/faults").join(target);
    for folder in [&found, &faults] {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let mut fuzzer = checkout::command(program);
    fuzzer.arg(&found).arg(checkout::path("fuzz/corpus").join(target)).args([
        format!("-max_total_time={seconds}"),
        "-timeout=10".to_owned(),
        "-rss_limit_mb=2048".to_owned(),
        "-print_final_stats=1".to_owned(),
        format!("-artifact_prefix={}/", faults.display()),
    ]);
    let said = output(&mut fuzzer).with_context(|| format!("cannot fuzz {target}"))?;
    let runs = said.1.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units: "));
    match (said.0, runs) {
        (true, Some(runs)) => eprintln!("    {target}: {} inputs", runs.trim()),
        _ => bail!(
            "fuzz {target} found a fault; its input is in {}\n{}",
            faults.display(),
            said.1
                .lines()
                .rev()
                .take(60)
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .collect::<Vec<_>>()
                .join("\n")
        ),
    }
    Ok(())
}

/// Whether it succeeded, and what it said.
fn output(command: &mut Command) -> Result<(bool, String)> {
    let output = command.output()?;
    let said = [output.stdout, output.stderr].concat();
    Ok((output.status.success(), String::from_utf8_lossy(&said).into_owned()))
}
