//! The accounts of a whole organization as a source of documents.

use std::collections::BTreeMap;
use std::io;

use copy_preflight_live::{Accounts, AssumeRole, Caller, Live, Rate, Settings};
use copy_preflight_rules::facts::{Facts, Row};
use copy_preflight_rules::inputs::ErrorAnswer;

use super::{FromAws, Progress};
use crate::args::LiveArgs;
use crate::documents::{Keep, Stop};

impl<'a> FromAws<'a> {
    /// A reader of the accounts of the organization that the credentials are of.
    ///
    /// # Errors
    /// Where the system refuses what asking needs.
    pub(crate) fn of_organization(
        args: &LiveArgs,
        keep: &'a mut dyn Keep,
        progress: Progress<'a>,
    ) -> io::Result<Self> {
        let role = args.assume_role_name.clone();
        let assume = role.map(|name| AssumeRole { name, external_id: args.external_id.clone() });
        let live = Live::new(Settings {
            accounts: Accounts {
                management_profile: args.management_profile.clone(),
                assume,
                ..Accounts::default()
            },
            partition: String::new(),
            // Where neither the environment nor the profile names one: Organizations has one
            // endpoint for a partition.
            region: "us-east-1".to_owned(),
        })?;
        Ok(Self { live, keep: Some(keep), progress })
    }

    /// Begins a run about the organization that the credentials are of: whose they are.
    ///
    /// # Errors
    /// Where the run was ended; inside, why nobody can ask.
    pub(crate) fn begin_organization(
        &mut self,
        facts: &Facts,
    ) -> Result<Result<Caller, ErrorAnswer>, Stop> {
        let rates = rates(facts);
        self.watched(|live, watch| live.begin_organization(&rates, watch))
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
