//! Looks for a text on which the JSON reader and `serde_json` disagree.
//!
//! `RUSTC_BOOTSTRAP=1 cargo fuzz run json -- -dict=fuzz_targets/json.dict`

#![no_main]

// One judge for the properties and for this target.
#[path = "../../crates/policy/tests/json_judge/agreement.rs"]
mod agreement;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Err(disagreement) = agreement::check(text) {
        panic!("{disagreement}\n{text}");
    }
});
