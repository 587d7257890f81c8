//! `snapshot take`: reads what a pair needs from AWS, and saves it.

use crate::args::TakeArgs;
use crate::command::Failure;
use crate::{Exit, Streams};

pub(super) fn run(_args: TakeArgs, _streams: Streams<'_>) -> Result<Exit, Failure> {
    Err(Failure::Usage(
        "this build reads no accounts: it was made without the feature `live`. `snapshot check` \
         prints the commands that fetch a pair's documents"
            .to_owned(),
    ))
}
