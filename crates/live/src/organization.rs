//! What the management account is asked, or whoever may answer in its place.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use aws_sdk_organizations::Client;
use aws_sdk_organizations::types::{EffectivePolicyType, PolicyType};
use copy_preflight_rules::inputs::{Address, ErrorAnswer, api};
use futures_util::future::{join_all, try_join_all};

use crate::access::Access;
use crate::call::{Asking, Tap};
use crate::{join, renew};

/// An organization has at most five levels of OUs below its root.
const DEEPEST: usize = 8;

/// Asks one after the other until somebody may answer.
macro_rules! ask {
    ($asking:expr, |$access:ident, $client:ident| $answer:expr) => {{
        let askers = $asking.askers().await?;
        let first = $asking.session.answered.get();
        let mut refusal: Option<ErrorAnswer> = None;
        let mut found = None;
        for (index, $access) in askers.iter().enumerate().skip(first) {
            let $client = $access.client(&$asking.session.settings.region, Client::new);
            match $answer.await {
                Err(error) if is_refusal(&error) => {
                    // The first who is asked should be able to answer.
                    refusal.get_or_insert(error);
                }
                other => {
                    $asking.session.answered.set(index);
                    found = Some(other);
                    break;
                }
            }
        }
        match (found, refusal) {
            (Some(found), _) => found,
            (None, Some(refusal)) => Err(refusal),
            (None, None) => Err(nobody()),
        }
    }};
}

impl Asking<'_> {
    /// `describe-organization`, asked in an account: the management account, and the answer.
    pub(crate) async fn organization(
        &self,
        account: &str,
    ) -> Result<(Option<String>, String), ErrorAnswer> {
        let cell = {
            let mut cells = self.session.organizations.borrow_mut();
            Rc::clone(cells.entry(account.to_owned()).or_default())
        };
        cell.get_or_init(|| async {
            let access = self.access(account).await?;
            let settings = &self.session.settings;
            let client = access.client(&settings.region, Client::new);
            let send =
                |tap: Tap| client.describe_organization().customize().interceptor(tap).send();
            let (typed, text) =
                self.send(&access, &settings.region, &api::DESCRIBE_ORGANIZATION, send).await?;
            let management = typed.organization().and_then(|one| one.master_account_id());
            Ok((management.map(str::to_owned), text))
        })
        .await
        .clone()
    }

    /// Who is asked about the organization of the source: its management account, else members
    /// of it, of which one may be a delegated administrator.
    async fn askers(&self) -> Result<&[Arc<Access>], ErrorAnswer> {
        match self.session.askers.get_or_init(|| self.find_askers()).await {
            Ok(askers) if askers.is_empty() => Err(nobody()),
            Ok(askers) => Ok(askers),
            Err(error) => Err(error.clone()),
        }
    }

    async fn find_askers(&self) -> Result<Vec<Arc<Access>>, ErrorAnswer> {
        let accounts = &self.session.settings.accounts;
        if self.session.whole.is_some() {
            return Ok(vec![self.access(&accounts.source).await?]);
        }
        let organization = self.organization(&accounts.source).await;
        if let Some(name) = accounts.management_profile.as_deref() {
            let access = self.profile(Some(name)).await?;
            // Where the organization does not tell, the user does.
            let Ok((Some(id), _)) = &organization else { return Ok(vec![access]) };
            if access.account == *id {
                return Ok(vec![access]);
            }
            self.session.problem(
                "--management-profile",
                &format!(
                    "the profile `{name}` is of account {}, the management account is {id}",
                    access.account
                ),
            );
        }
        let Some(id) = organization?.0 else { return Ok(Vec::new()) };
        if let Ok(access) = self.management(&id).await {
            return Ok(vec![access]);
        }
        let mut candidates = vec![self.base().await];
        if let Some(name) = accounts.management_profile.as_deref() {
            candidates.push(self.profile(Some(name)).await);
        }
        for account in [&accounts.source].into_iter().chain(&accounts.destinations) {
            candidates.push(self.access(account).await);
        }
        let mut askers: Vec<Arc<Access>> = Vec::new();
        for access in candidates.into_iter().flatten() {
            let known = askers.iter().any(|asker| asker.account == access.account);
            // Another organization's policies would be judged for this one's.
            let is_member = || async {
                let organization = self.organization(&access.account).await;
                organization.is_ok_and(|(management, _)| management.as_ref() == Some(&id))
            };
            if !known && is_member().await {
                askers.push(access);
            }
        }
        Ok(askers)
    }

    /// Credentials of the management account where there are any; that there are none is no
    /// problem yet, since a delegated administrator may answer.
    async fn management(&self, id: &str) -> Result<Arc<Access>, ErrorAnswer> {
        let accounts = &self.session.settings.accounts;
        let known = accounts.source == id
            || accounts.destinations.iter().any(|one| one == id)
            || accounts.known.contains_key(id);
        if known {
            return self.access(id).await;
        }
        let base = self.base().await?;
        if base.account == id {
            return Ok(base);
        }
        match &accounts.assume {
            Some(role) => {
                renew::assume(self, &base, &self.session.settings.partition, id, role).await
            }
            None => Err(nobody()),
        }
    }

    /// `list-accounts`: the accounts whose place in the tree it shows, and the answer.
    pub(crate) async fn organization_accounts(
        &self,
    ) -> Result<(BTreeSet<String>, String), ErrorAnswer> {
        self.session.listed.get_or_init(|| self.list_accounts()).await.clone()
    }

    async fn list_accounts(&self) -> Result<(BTreeSet<String>, String), ErrorAnswer> {
        let region = &self.session.settings.region;
        let text = ask!(self, |access, client| {
            let what = (&api::LIST_ACCOUNTS, "Accounts");
            let send = |token, tap: Tap| {
                client.list_accounts().set_next_token(token).customize().interceptor(tap).send()
            };
            self.pages(access, region, what, send, |page| page.next_token().map(str::to_owned))
        })?;
        let read: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        let list = read.get("Accounts").and_then(|list| list.as_array());
        let placed = list.into_iter().flatten().filter_map(|account| {
            let paths = account.get("Paths")?.as_array()?;
            (!paths.is_empty()).then(|| account.get("Id")?.as_str().map(str::to_owned)).flatten()
        });
        Ok((placed.collect(), text))
    }

    /// The parents of the accounts of the run, level by level; `None` where the list of accounts
    /// shows them.
    pub(crate) async fn organization_tree(&self) -> Result<Option<String>, ErrorAnswer> {
        if self.session.whole.is_some() {
            return self.whole_tree().await.map(Some);
        }
        let concerned = self.session.concerned.borrow().clone();
        let placed = match self.organization_accounts().await {
            Ok((placed, _)) => placed,
            Err(_) => BTreeSet::new(),
        };
        if concerned.iter().all(|account| placed.contains(account)) {
            return Ok(None);
        }
        let mut tree: BTreeMap<String, String> = BTreeMap::new();
        let mut level = concerned;
        let mut refusal = None;
        for _ in 0..DEEPEST {
            let children =
                level.iter().map(|child| async move { (child.clone(), self.parent(child).await) });
            let mut above = BTreeSet::new();
            for (child, parent) in join_all(children).await {
                match parent {
                    Ok(Some(parent)) => {
                        if !parent.starts_with("r-") && !tree.contains_key(&parent) {
                            above.insert(parent.clone());
                        }
                        tree.insert(child, parent);
                    }
                    // An account of no organization, or of another one.
                    Ok(None) => {}
                    Err(error) => refusal = Some(error),
                }
            }
            level = above;
            if level.is_empty() {
                break;
            }
        }
        match refusal {
            Some(error) if tree.is_empty() => Err(error),
            _ => Ok(Some(serde_json::json!(tree).to_string())),
        }
    }

    /// The parents of all accounts and OUs, level by level from the roots.
    async fn whole_tree(&self) -> Result<String, ErrorAnswer> {
        let mut tree: BTreeMap<String, String> = BTreeMap::new();
        let mut level = ids(&self.organization_roots().await?, "Roots");
        for _ in 0..DEEPEST {
            let below = level.iter().map(|parent| async move {
                let (units, accounts) = futures_util::future::try_join(
                    self.units_below(parent),
                    self.accounts_below(parent),
                )
                .await?;
                Ok((parent, ids(&units, "OrganizationalUnits"), ids(&accounts, "Accounts")))
            });
            let mut next = Vec::new();
            for (parent, units, accounts) in try_join_all(below).await? {
                // A tree that turns back on itself would be walked for ever.
                let new = units.iter().filter(|unit| !tree.contains_key(*unit)).cloned();
                next.extend(new.collect::<Vec<_>>());
                let all = units.into_iter().chain(accounts);
                tree.extend(all.map(|child| (child, parent.clone())));
            }
            level = next;
        }
        Ok(serde_json::json!(tree).to_string())
    }

    async fn units_below(&self, parent: &str) -> Result<String, ErrorAnswer> {
        let region = &self.session.settings.region;
        ask!(self, |access, client| {
            let what = (&api::LIST_ORGANIZATIONAL_UNITS_FOR_PARENT, "OrganizationalUnits");
            let send = |token, tap: Tap| {
                let call = client.list_organizational_units_for_parent().parent_id(parent);
                call.set_next_token(token).customize().interceptor(tap).send()
            };
            self.pages(access, region, what, send, |page| page.next_token().map(str::to_owned))
        })
    }

    async fn accounts_below(&self, parent: &str) -> Result<String, ErrorAnswer> {
        let region = &self.session.settings.region;
        ask!(self, |access, client| {
            let what = (&api::LIST_ACCOUNTS_FOR_PARENT, "Accounts");
            let send = |token, tap: Tap| {
                let call = client.list_accounts_for_parent().parent_id(parent);
                call.set_next_token(token).customize().interceptor(tap).send()
            };
            self.pages(access, region, what, send, |page| page.next_token().map(str::to_owned))
        })
    }

    /// What concerns the organization as a whole.
    pub(crate) async fn about_organization(
        &self,
        address: &Address,
    ) -> Result<String, ErrorAnswer> {
        let region = &self.session.settings.region;
        match address {
            Address::ServiceAccess => ask!(self, |access, client| {
                let what = (&api::LIST_AWS_SERVICE_ACCESS, "EnabledServicePrincipals");
                let send = |token, tap: Tap| {
                    let call = client.list_aws_service_access_for_organization();
                    call.set_next_token(token).customize().interceptor(tap).send()
                };
                self.pages(access, region, what, send, |page| page.next_token().map(str::to_owned))
            }),
            Address::DelegatedAdministrators => ask!(self, |access, client| {
                let what = (&api::LIST_DELEGATED_ADMINISTRATORS, "DelegatedAdministrators");
                let send = |token, tap: Tap| {
                    let call = client.list_delegated_administrators();
                    let call = call.service_principal("backup.amazonaws.com");
                    call.set_next_token(token).customize().interceptor(tap).send()
                };
                self.pages(access, region, what, send, |page| page.next_token().map(str::to_owned))
            }),
            Address::InvalidEffectivePolicies { policy_type } => ask!(self, |access, client| {
                let what = (&api::LIST_INVALID_EFFECTIVE_POLICIES, "Accounts");
                let send = |token, tap: Tap| {
                    let call = client.list_accounts_with_invalid_effective_policy();
                    let call = call.policy_type(EffectivePolicyType::from(policy_type.as_str()));
                    call.set_next_token(token).customize().interceptor(tap).send()
                };
                self.pages(access, region, what, send, |page| page.next_token().map(str::to_owned))
            }),
            _ => {
                let asker = self.askers().await?.first().ok_or_else(nobody)?;
                Ok(self.organization(&asker.account).await?.1)
            }
        }
    }

    async fn parent(&self, child: &str) -> Result<Option<String>, ErrorAnswer> {
        let region = &self.session.settings.region;
        let answer = ask!(self, |access, client| {
            let send = |tap: Tap| {
                client.list_parents().child_id(child).customize().interceptor(tap).send()
            };
            self.send(access, region, &api::LIST_PARENTS, send)
        });
        match answer {
            Ok((typed, _)) => {
                Ok(typed.parents().first().and_then(|parent| parent.id()).map(str::to_owned))
            }
            Err(error) if error.code == "ChildNotFoundException" => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// `list-roots`, which the walk down the tree begins with.
    pub(crate) async fn organization_roots(&self) -> Result<String, ErrorAnswer> {
        self.session.roots.get_or_init(|| self.list_roots()).await.clone()
    }

    async fn list_roots(&self) -> Result<String, ErrorAnswer> {
        let region = &self.session.settings.region;
        ask!(self, |access, client| {
            let what = (&api::LIST_ROOTS, "Roots");
            let send = |token, tap: Tap| {
                client.list_roots().set_next_token(token).customize().interceptor(tap).send()
            };
            self.pages(access, region, what, send, |page| page.next_token().map(str::to_owned))
        })
    }

    /// The policies of each type in one list.
    pub(crate) async fn organization_policies(&self) -> Result<String, ErrorAnswer> {
        // What guards calls has to be known; the others are of use where they can be read.
        let mut guards = vec![PolicyType::ServiceControlPolicy, PolicyType::ResourceControlPolicy];
        let mut others = vec![PolicyType::TagPolicy, PolicyType::BackupPolicy];
        if self.session.whole.is_some() {
            // A backup policy that is not listed would not be missed.
            guards.append(&mut others);
        }
        let (guards, others) = futures_util::future::join(
            try_join_all(guards.iter().map(|kind| self.policies(kind))),
            join_all(others.iter().map(|kind| self.policies(kind))),
        )
        .await;
        let mut lists = guards?;
        lists.extend(others.into_iter().flatten());
        join::pages(lists, "Policies").map_err(|fault| ErrorAnswer {
            code: "UnexpectedAnswer".to_owned(),
            message: format!("organizations:ListPolicies: {fault}"),
        })
    }

    async fn policies(&self, kind: &PolicyType) -> Result<String, ErrorAnswer> {
        let region = &self.session.settings.region;
        ask!(self, |access, client| {
            let what = (&api::LIST_POLICIES, "Policies");
            let send = |token, tap: Tap| {
                let call = client.list_policies().filter(kind.clone()).set_next_token(token);
                call.customize().interceptor(tap).send()
            };
            self.pages(access, region, what, send, |page| page.next_token().map(str::to_owned))
        })
    }

    pub(crate) async fn organization_policy(&self, id: &str) -> Result<String, ErrorAnswer> {
        let region = &self.session.settings.region;
        ask!(self, |access, client| {
            let send = |tap: Tap| {
                client.describe_policy().policy_id(id).customize().interceptor(tap).send()
            };
            self.send(access, region, &api::DESCRIBE_POLICY, send)
        })
        .map(|(_, text)| text)
    }

    pub(crate) async fn policy_targets(&self, id: &str) -> Result<String, ErrorAnswer> {
        let region = &self.session.settings.region;
        ask!(self, |access, client| {
            let what = (&api::LIST_TARGETS_FOR_POLICY, "Targets");
            let send = |token, tap: Tap| {
                let call = client.list_targets_for_policy().policy_id(id).set_next_token(token);
                call.customize().interceptor(tap).send()
            };
            self.pages(access, region, what, send, |page| page.next_token().map(str::to_owned))
        })
    }

    pub(crate) async fn effective_policy(
        &self,
        account: &str,
        kind: &str,
    ) -> Result<String, ErrorAnswer> {
        let settings = &self.session.settings;
        let what = &api::DESCRIBE_EFFECTIVE_POLICY;
        if self.session.whole.is_some() {
            // Asked from above, so that an account that cannot be entered is told too.
            let answer = ask!(self, |access, client| {
                let send = |tap: Tap| {
                    let call = client.describe_effective_policy().target_id(account);
                    let call = call.policy_type(EffectivePolicyType::from(kind));
                    call.customize().interceptor(tap).send()
                };
                self.send(access, &settings.region, what, send)
            });
            return answer.map(|(_, text)| text);
        }
        let access = self.access(account).await?;
        let client = access.client(&settings.region, Client::new);
        let send = |tap: Tap| {
            let call =
                client.describe_effective_policy().policy_type(EffectivePolicyType::from(kind));
            call.customize().interceptor(tap).send()
        };
        Ok(self.send(&access, &settings.region, what, send).await?.1)
    }

    /// The settings of AWS Backup for the organization. The management account's answer decides;
    /// a member that says that something is off may only speak of itself.
    pub(crate) async fn global_settings(&self) -> Result<String, ErrorAnswer> {
        let settings = &self.session.settings;
        let askers = self.askers().await?;
        let management = match self.organization(&settings.accounts.source).await {
            Ok((management, _)) => management,
            Err(_) => None,
        };
        let mut refusal = None;
        for access in askers {
            let client = access.client(&settings.region, aws_sdk_backup::Client::new);
            let send =
                |tap: Tap| client.describe_global_settings().customize().interceptor(tap).send();
            let what = &api::DESCRIBE_GLOBAL_SETTINGS;
            match self.send(access, &settings.region, what, send).await {
                Ok((typed, text)) => {
                    let on = typed.global_settings().is_some_and(|values| {
                        values.get("isCrossAccountBackupEnabled").is_some_and(|on| on == "true")
                    });
                    if on || management.as_ref() == Some(&access.account) {
                        return Ok(text);
                    }
                    return Err(ErrorAnswer {
                        code: "NotManagementAccount".to_owned(),
                        message: format!(
                            "{} is not the management account, whose answer decides: name \
                             --management-profile",
                            access.account
                        ),
                    });
                }
                Err(error) if is_refusal(&error) => {
                    refusal.get_or_insert(error);
                }
                Err(error) => return Err(error),
            }
        }
        Err(refusal.unwrap_or_else(nobody))
    }
}

fn is_refusal(error: &ErrorAnswer) -> bool {
    error.code.starts_with("AccessDenied")
}

/// The ids of the entries of a list.
fn ids(text: &str, list: &str) -> Vec<String> {
    let read: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let entries = read.get(list).and_then(|list| list.as_array());
    let id = |entry: &serde_json::Value| entry.get("Id")?.as_str().map(str::to_owned);
    entries.into_iter().flatten().filter_map(id).collect()
}

fn nobody() -> ErrorAnswer {
    ErrorAnswer {
        code: "NoCredentials".to_owned(),
        message: "no credentials that may read the organization: name --management-profile"
            .to_owned(),
    }
}
