//! The accounts of a whole organization as a source of documents.

use std::collections::BTreeMap;

use copy_preflight_live::{Caller, Rate};
use copy_preflight_rules::facts::{Facts, Row};
use copy_preflight_rules::inputs::{Address, ErrorAnswer};

use super::FromAws;
use crate::documents::Stop;

impl FromAws<'_> {
    /// Begins a run about the organization that the credentials are of: whose they are. Some of
    /// what is known of it is not asked again.
    ///
    /// # Errors
    /// Where the run was ended; inside, why nobody can ask.
    pub(crate) fn begin_organization(
        &mut self,
        facts: &Facts,
        known: &BTreeMap<Address, String>,
    ) -> Result<Result<Caller, ErrorAnswer>, Stop> {
        let rates = rates(facts);
        self.watched(|live, watch| live.begin_organization(&rates, known, watch))
    }
}

/// How often AWS takes operations, by their permissions.
fn rates(facts: &Facts) -> BTreeMap<String, Rate> {
    let of_row = |row: &Row| {
        let number = |name: &str| u32::try_from(row.number(name)?).ok();
        let rate = Rate { per_second: number("per_second")?, burst: number("burst")? };
        Some((row.text("permission")?.to_owned(), rate))
    };
    facts
        .rows()
        .iter()
        .filter(|row| row.text("kind") == Some("request-rate"))
        .filter_map(of_row)
        .collect()
}

#[cfg(test)]
mod tests {
    use copy_preflight_rules::inputs::CALLS;

    use super::*;

    #[test]
    fn every_rate_is_of_a_call_of_the_table() {
        let rates = rates(&Facts::embedded().unwrap());
        assert_eq!(rates["organizations:DescribePolicy"], Rate { per_second: 2, burst: 2 });
        assert!(rates.len() >= 9, "{rates:?}");
        for permission in rates.keys() {
            assert!(CALLS.iter().any(|call| call.permission == permission), "{permission}");
        }
    }
}
