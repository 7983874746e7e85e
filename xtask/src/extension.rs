//! The extension module, built into the virtual environment.

use anyhow::Result;

use crate::environment::Environment;
use crate::{process, wheel};

/// Builds `fastapi_orm._engine` for release, and installs the package with what the example needs.
///
/// maturin leaves the Python sources where they are (an editable install), so only a change in Rust builds anything.
pub(crate) fn build(environment: &Environment) -> Result<()> {
    environment.install_group("build")?;
    let mut maturin = environment.python();
    maturin.args(["-m", "maturin", "develop", "--release", "--extras", "demo"]);
    process::quiet(
        "building the extension module (minutes the first time)",
        wheel::without_paths(&mut maturin),
    )
}
