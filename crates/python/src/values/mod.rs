//! Values between Python and the engine. Everything that looks into a Python value is in this folder.

mod bind;
mod codec;
mod datetime;
mod decimal;
mod from_python;
mod iso;
mod json;
mod to_python;

pub use bind::to_bind;
pub use codec::Codec;
pub use datetime::{Timezone, Zone};
pub use from_python::{
    describe, is_beyond_keys, run_validators, shown, to_checked_value, to_operand, to_value,
};
pub use json::to_plain;
pub use to_python::{given_object, raw_object, to_object, uuid};
