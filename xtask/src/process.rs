//! Running other programs: quietly behind a progress line, or with their output in view.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::progress::Progress;

/// How much of a failed command's output is shown: enough for a compiler's last error, short enough to read.
const TAIL: usize = 60;

/// Runs `command` behind a progress line named `label`; its output is shown only when it fails.
pub(crate) fn quiet(label: &str, command: &mut Command) -> Result<()> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| cannot_start(command))?;
    let (sender, lines) = channel();
    let readers = [
        child.stdout.take().map(|out| read(out, sender.clone())),
        child.stderr.take().map(|out| read(out, sender)),
    ];

    let mut progress = Progress::start(label);
    let mut tail = VecDeque::new();
    loop {
        match lines.recv_timeout(Duration::from_millis(200)) {
            Ok(line) => {
                progress.line(&line);
                if tail.len() == TAIL {
                    tail.pop_front();
                }
                tail.push_back(line);
            }
            Err(RecvTimeoutError::Timeout) => progress.tick(),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    for reader in readers.into_iter().flatten() {
        let _ = reader.join();
    }
    let status = child.wait().with_context(|| format!("cannot wait for {}", shown_as(command)))?;
    progress.finish(status.success());
    if !status.success() {
        for line in &tail {
            eprintln!("    {line}");
        }
        bail!("{label}: {} {}", shown_as(command), ended(status));
    }
    Ok(())
}

/// Runs `command` with its output in view, under a heading.
pub(crate) fn shown(label: &str, command: &mut Command) -> Result<()> {
    eprintln!("==> {label}: {}", shown_as(command));
    let status = command.status().with_context(|| cannot_start(command))?;
    if !status.success() {
        bail!("{label} {}", ended(status));
    }
    Ok(())
}

fn read(output: impl Read + Send + 'static, lines: Sender<String>) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            if !line.is_empty() && lines.send(line).is_err() {
                return;
            }
        }
    })
}

fn cannot_start(command: &Command) -> String {
    format!("cannot start {}", shown_as(command))
}

fn shown_as(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy()];
    words.extend(command.get_args().map(|argument| argument.to_string_lossy()));
    format!("`{}`", words.join(" "))
}

fn ended(status: ExitStatus) -> String {
    status.code().map_or_else(|| format!("ended by {status}"), |code| format!("failed with exit code {code}"))
}
