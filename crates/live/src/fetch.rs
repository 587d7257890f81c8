//! From an address to its call: one match over the one table.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_backup::types::CopyJobState;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::DateTime;
use copy_preflight_rules::arn::{Arn, VaultArn};
use copy_preflight_rules::inputs::{Address, CallRecord, ErrorAnswer, Fetched, api};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{OnceCell, Semaphore};

use crate::access::{self, Access};
use crate::call::{Asking, Tap};
use crate::settings::{Means, Settings};
use crate::whole::Whole;
use crate::{Event, renew};

/// How many calls to one service in one account run at once. AWS Organizations and AWS Backup
/// take few; what they refuse is sent again later.
const AT_ONCE: usize = 8;

/// The management account of an organization, and the answer that tells it.
pub(crate) type Organization = (Option<String>, String);

/// Calls that are made beside those for an address, such as the renewal of a session.
pub(crate) type Loose = Arc<Mutex<Vec<CallRecord>>>;

type Once<T> = Rc<OnceCell<Result<T, ErrorAnswer>>>;

/// What is known of credentials and accounts during a run.
pub(crate) struct Session {
    pub(crate) settings: Settings,
    pub(crate) events: UnboundedSender<Event>,
    pub(crate) client: Option<SharedHttpClient>,
    gates: RefCell<BTreeMap<(&'static str, String), Rc<Semaphore>>>,
    /// Credentials by profile; `None` for those at hand.
    profiles: RefCell<BTreeMap<Option<String>, Once<Arc<Access>>>>,
    /// Credentials by account.
    accounts: RefCell<BTreeMap<String, Once<Arc<Access>>>>,
    /// `describe-organization` by account.
    pub(crate) organizations: RefCell<BTreeMap<String, Once<Organization>>>,
    /// Who is asked about the organization, in their order.
    pub(crate) askers: OnceCell<Result<Vec<Arc<Access>>, ErrorAnswer>>,
    /// Which of them answered.
    pub(crate) answered: Cell<usize>,
    /// `list-accounts`: whose place in the tree it shows, and its text.
    pub(crate) listed: OnceCell<Result<(BTreeSet<String>, String), ErrorAnswer>>,
    /// `list-roots`.
    pub(crate) roots: OnceCell<Result<String, ErrorAnswer>>,
    /// What a run about a whole organization knows besides.
    pub(crate) whole: Option<Whole>,
    problems: RefCell<Vec<(String, String)>>,
    /// Calls that were made for no address; the next document that is fetched takes them along.
    loose: Loose,
    /// The accounts that the run is about, as they become known.
    pub(crate) concerned: RefCell<BTreeSet<String>>,
}

/// The cell of a key, made where there is none.
fn cell<K: Ord, T>(cells: &RefCell<BTreeMap<K, Once<T>>>, key: K) -> Once<T> {
    Rc::clone(cells.borrow_mut().entry(key).or_default())
}

impl Session {
    pub(crate) fn new(settings: Settings, events: UnboundedSender<Event>) -> io::Result<Self> {
        Ok(Self {
            settings,
            events,
            client: access::http_client()?,
            gates: RefCell::default(),
            profiles: RefCell::default(),
            accounts: RefCell::default(),
            organizations: RefCell::default(),
            askers: OnceCell::new(),
            answered: Cell::new(0),
            listed: OnceCell::new(),
            roots: OnceCell::new(),
            whole: None,
            problems: RefCell::default(),
            loose: Loose::default(),
            concerned: RefCell::default(),
        })
    }

    /// Notes accounts that the run is about.
    pub(crate) fn concern(&self, accounts: impl Iterator<Item = String>) {
        self.concerned.borrow_mut().extend(accounts);
    }

    /// Where calls are noted that are made for no address.
    pub(crate) fn loose(&self) -> Loose {
        Arc::clone(&self.loose)
    }

    fn take_loose(&self) -> Vec<CallRecord> {
        std::mem::take(&mut self.loose.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Asks something that is no document.
    pub(crate) async fn ask<T>(&self, answer: impl AsyncFnOnce(&Asking<'_>) -> T) -> T {
        let asking = Asking::new(self);
        let answer = answer(&asking).await;
        let mut loose = self.loose.lock().unwrap_or_else(PoisonError::into_inner);
        loose.extend(asking.into_calls());
        answer
    }

    pub(crate) fn take_problems(&self) -> Vec<(String, String)> {
        std::mem::take(&mut self.problems.borrow_mut())
    }

    /// Notes what is wrong with credentials, once.
    pub(crate) fn problem(&self, whose: &str, what: &str) {
        let problem = (whose.to_owned(), what.to_owned());
        let mut problems = self.problems.borrow_mut();
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }

    /// What keeps calls to a service in an account from being too many at once.
    pub(crate) fn gate(&self, service: &'static str, account: &str) -> Rc<Semaphore> {
        let mut gates = self.gates.borrow_mut();
        let gate = gates.entry((service, account.to_owned()));
        let most = self.whole.as_ref().map_or(AT_ONCE, |whole| whole.at_once(service, AT_ONCE));
        Rc::clone(gate.or_insert_with(|| Rc::new(Semaphore::new(most))))
    }

    /// Fetches what is at an address; nothing where the live reader does not fetch such a thing.
    pub(crate) async fn fetch(&self, address: &Address) -> (Address, Option<Fetched>) {
        let asking = Asking::new(self);
        let text = asking.answer(address).await.transpose();
        let mut calls = asking.into_calls();
        // The last call is the one that answered, so there has to be one.
        if !calls.is_empty() {
            calls.splice(0..0, self.take_loose());
        }
        let fetched = text.map(|text| Fetched { address: address.clone(), text, calls });
        (address.clone(), fetched)
    }
}

impl Asking<'_> {
    /// The credentials of a profile, and whose they are.
    pub(crate) async fn profile(&self, name: Option<&str>) -> Result<Arc<Access>, ErrorAnswer> {
        let cell = cell(&self.session.profiles, name.map(str::to_owned));
        let found = cell
            .get_or_init(|| async {
                let region = &self.session.settings.region;
                let config = access::configuration(name, region, self.session.client.clone()).await;
                access::identify(self, config).await
            })
            .await;
        if let Err(error) = found {
            let whose = name.map_or("credentials".to_owned(), |name| format!("profile `{name}`"));
            self.session.problem(&whose, &error.message);
        }
        found.clone()
    }

    /// Credentials that read an account.
    pub(crate) async fn access(&self, account: &str) -> Result<Arc<Access>, ErrorAnswer> {
        let cell = cell(&self.session.accounts, account.to_owned());
        cell.get_or_init(|| self.find_access(account)).await.clone()
    }

    async fn find_access(&self, account: &str) -> Result<Arc<Access>, ErrorAnswer> {
        let settings = &self.session.settings;
        let accounts = &settings.accounts;
        let named = if account == accounts.source {
            accounts.source_profile.as_deref().map(|name| (name, "source"))
        } else if accounts.destinations.iter().any(|one| one == account) {
            accounts.destination_profile.as_deref().map(|name| (name, "destination"))
        } else {
            None
        };
        if let Some((name, part)) = named {
            let access = self.profile(Some(name)).await?;
            if access.account == account {
                return Ok(access);
            }
            let message = format!(
                "the profile `{name}` is of account {}, the {part} vault is in {account}: nothing \
                 is read there",
                access.account
            );
            self.session.problem(&format!("--{part}-profile"), &message);
            return Err(ErrorAnswer { code: "WrongAccount".to_owned(), message });
        }
        // Another account's profile may be the one.
        for name in
            [&accounts.source_profile, &accounts.destination_profile, &accounts.management_profile]
                .into_iter()
                .flatten()
        {
            if let Ok(access) = self.profile(Some(name)).await
                && access.account == account
            {
                return Ok(access);
            }
        }
        // What a flag says goes before what is known of an account.
        let known = accounts.known.get(account).filter(|_| accounts.assume.is_none());
        if let Some(Means::Profile(name)) = known {
            return self.known_profile(account, name).await;
        }
        let base = self.base().await?;
        if base.account == account {
            return Ok(base);
        }
        let of_account = known.and_then(|means| match means {
            Means::Role(role) => Some(role),
            Means::Profile(_) => None,
        });
        let Some(role) = accounts.assume.as_ref().or(of_account) else {
            let message = format!(
                "no credentials for account {account}: those at hand are of {}; name a profile, \
                 or a role with --assume-role-name",
                base.account
            );
            self.session.problem(&format!("account {account}"), &message);
            return Err(ErrorAnswer { code: "NoCredentials".to_owned(), message });
        };
        renew::assume(self, &base, &settings.partition, account, role).await.map_err(|error| {
            let message = format!(
                "the role `{}` in {account} cannot be assumed: {}",
                role.name, error.message
            );
            self.session.problem(&format!("account {account}"), &message);
            // Not a refusal of the call that was to be made.
            ErrorAnswer { code: "RoleNotAssumed".to_owned(), message }
        })
    }

    /// The credentials of the profile that is known to be of an account.
    async fn known_profile(&self, account: &str, name: &str) -> Result<Arc<Access>, ErrorAnswer> {
        let access = self.profile(Some(name)).await?;
        if access.account == account {
            return Ok(access);
        }
        let message = format!(
            "the profile `{name}` is of account {}: nothing is read in {account}",
            access.account
        );
        self.session.problem(&format!("account {account}"), &message);
        Err(ErrorAnswer { code: "WrongAccount".to_owned(), message })
    }

    /// The credentials that roles are assumed with.
    pub(crate) async fn base(&self) -> Result<Arc<Access>, ErrorAnswer> {
        let accounts = &self.session.settings.accounts;
        let named = accounts.source_profile.as_ref().or(accounts.destination_profile.as_ref());
        // A role in each account is often one that the management account assumes.
        let first = match accounts.assume {
            Some(_) => named.or(accounts.management_profile.as_ref()),
            None => named,
        };
        self.profile(first.map(String::as_str)).await
    }

    /// The answer at an address; `None` where the live reader does not fetch such a thing.
    async fn answer(&self, address: &Address) -> Result<Option<String>, ErrorAnswer> {
        let text = match address {
            Address::Organization { account } => self.organization(account).await?.1,
            Address::OrganizationAccounts => self.organization_accounts().await?.1,
            Address::OrganizationTree => return self.organization_tree().await,
            Address::OrganizationRoots => self.organization_roots().await?,
            Address::OrganizationPolicies => self.organization_policies().await?,
            Address::OrganizationPolicy { id } => self.organization_policy(id).await?,
            Address::OrganizationPolicyTargets { id } => self.policy_targets(id).await?,
            Address::EffectivePolicy { account, policy_type } => {
                self.effective_policy(account, policy_type).await?
            }
            Address::GlobalSettings => self.global_settings().await?,
            Address::ManagementOrganization
            | Address::ServiceAccess
            | Address::DelegatedAdministrators
            | Address::InvalidEffectivePolicies { .. } => self.about_organization(address).await?,
            // Other services: their documents are asked for, with the command that prints them.
            Address::Regions { .. } | Address::Service { .. } => return Ok(None),
            Address::RecoveryPointTags { arn, .. } if !keeps_tags_in_backup(arn) => {
                return Ok(None);
            }
            #[cfg(not(feature = "iam"))]
            Address::Role(_)
            | Address::RoleAttached(_)
            | Address::RoleInline(_)
            | Address::RolePolicy { .. } => return Ok(None),
            #[cfg(feature = "iam")]
            Address::Role(role) => self.role(role).await?,
            #[cfg(feature = "iam")]
            Address::RoleAttached(role) => self.role_attached(role).await?,
            #[cfg(feature = "iam")]
            Address::RoleInline(role) => self.role_inline(role).await?,
            #[cfg(feature = "iam")]
            Address::RolePolicy { role, policy } => self.role_policy(role, policy).await?,
            Address::Key(key)
            | Address::KeyPolicy(key)
            | Address::KeyGrants(key)
            | Address::KeyTags(key)
            | Address::KeyAliases(key) => {
                let access = self.access(&key.account).await?;
                let client = access.client(&key.region, aws_sdk_kms::Client::new);
                self.key(address, &access, &client, (&key.region, &key.to_string())).await?
            }
            Address::Vault(VaultArn { account, region, .. })
            | Address::VaultPolicy(VaultArn { account, region, .. })
            | Address::VaultTags(VaultArn { account, region, .. })
            | Address::RecoveryPoints(VaultArn { account, region, .. })
            | Address::RecoveryPoint { vault: VaultArn { account, region, .. }, .. }
            | Address::RecoveryPointTags { vault: VaultArn { account, region, .. }, .. }
            | Address::RegionSettings { account, region }
            | Address::Vaults { account, region }
            | Address::BackupPlans { account, region }
            | Address::BackupPlan { account, region, .. }
            | Address::BackupSelections { account, region, .. }
            | Address::BackupSelection { account, region, .. }
            | Address::CopyJob { account, region, .. }
            | Address::FailedCopyJobs { account, region, .. } => {
                let access = self.access(account).await?;
                let client = access.client(region, aws_sdk_backup::Client::new);
                return self.backup(address, &access, &client, region).await;
            }
        };
        Ok(Some(text))
    }

    async fn key(
        &self,
        address: &Address,
        access: &Access,
        client: &aws_sdk_kms::Client,
        (region, id): (&str, &str),
    ) -> Result<String, ErrorAnswer> {
        match address {
            Address::KeyPolicy(_) => {
                let send = |tap: Tap| {
                    let call = client.get_key_policy().key_id(id).policy_name("default");
                    call.customize().interceptor(tap).send()
                };
                Ok(self.send(access, region, &api::GET_KEY_POLICY, send).await?.1)
            }
            Address::KeyGrants(_) => {
                let send = |marker, tap: Tap| {
                    let call = client.list_grants().key_id(id).limit(100).set_marker(marker);
                    call.customize().interceptor(tap).send()
                };
                self.pages(access, region, (&api::LIST_GRANTS, "Grants"), send, |page| {
                    page.next_marker().map(str::to_owned)
                })
                .await
            }
            Address::KeyTags(_) => {
                let send = |marker, tap: Tap| {
                    let call = client.list_resource_tags().key_id(id).set_marker(marker);
                    call.customize().interceptor(tap).send()
                };
                self.pages(access, region, (&api::LIST_RESOURCE_TAGS, "Tags"), send, |page| {
                    page.next_marker().map(str::to_owned)
                })
                .await
            }
            Address::KeyAliases(_) => {
                let send = |marker, tap: Tap| {
                    let call = client.list_aliases().key_id(id).set_marker(marker);
                    call.customize().interceptor(tap).send()
                };
                self.pages(access, region, (&api::LIST_ALIASES, "Aliases"), send, |page| {
                    page.next_marker().map(str::to_owned)
                })
                .await
            }
            _ => {
                let send =
                    |tap: Tap| client.describe_key().key_id(id).customize().interceptor(tap).send();
                Ok(self.send(access, region, &api::DESCRIBE_KEY, send).await?.1)
            }
        }
    }

    async fn backup(
        &self,
        address: &Address,
        access: &Access,
        client: &aws_sdk_backup::Client,
        region: &str,
    ) -> Result<Option<String>, ErrorAnswer> {
        macro_rules! one {
            ($name:ident, $call:expr) => {{
                let send = |tap: Tap| $call.customize().interceptor(tap).send();
                self.send(access, region, &api::$name, send).await?.1
            }};
        }
        macro_rules! pages {
            ($name:ident, $list:literal, $call:expr) => {{
                let send = |token: Option<String>, tap: Tap| {
                    $call.set_next_token(token).customize().interceptor(tap).send()
                };
                self.pages(access, region, (&api::$name, $list), send, |page| {
                    page.next_token().map(str::to_owned)
                })
                .await?
            }};
        }
        let text = match address {
            Address::Vault(vault) => one!(
                DESCRIBE_BACKUP_VAULT,
                client.describe_backup_vault().backup_vault_name(&vault.name)
            ),
            Address::VaultPolicy(vault) => one!(
                GET_BACKUP_VAULT_ACCESS_POLICY,
                client.get_backup_vault_access_policy().backup_vault_name(&vault.name)
            ),
            Address::VaultTags(vault) => {
                pages!(BACKUP_LIST_TAGS, "Tags", client.list_tags().resource_arn(vault.to_string()))
            }
            Address::RecoveryPoints(vault) => pages!(
                LIST_RECOVERY_POINTS,
                "RecoveryPoints",
                client.list_recovery_points_by_backup_vault().backup_vault_name(&vault.name)
            ),
            Address::RecoveryPoint { vault, arn } => one!(
                DESCRIBE_RECOVERY_POINT,
                client
                    .describe_recovery_point()
                    .backup_vault_name(&vault.name)
                    .recovery_point_arn(arn)
            ),
            Address::RecoveryPointTags { arn, .. } => {
                pages!(BACKUP_LIST_TAGS, "Tags", client.list_tags().resource_arn(arn))
            }
            Address::RegionSettings { .. } => {
                one!(DESCRIBE_REGION_SETTINGS, client.describe_region_settings())
            }
            Address::Vaults { .. } => {
                pages!(LIST_BACKUP_VAULTS, "BackupVaultList", client.list_backup_vaults())
            }
            Address::BackupPlans { .. } => {
                pages!(LIST_BACKUP_PLANS, "BackupPlansList", client.list_backup_plans())
            }
            Address::BackupPlan { id, .. } => {
                one!(GET_BACKUP_PLAN, client.get_backup_plan().backup_plan_id(id))
            }
            Address::BackupSelections { plan, .. } => pages!(
                LIST_BACKUP_SELECTIONS,
                "BackupSelectionsList",
                client.list_backup_selections().backup_plan_id(plan)
            ),
            Address::BackupSelection { plan, id, .. } => one!(
                GET_BACKUP_SELECTION,
                client.get_backup_selection().backup_plan_id(plan).selection_id(id)
            ),
            Address::CopyJob { id, .. } => {
                one!(DESCRIBE_COPY_JOB, client.describe_copy_job().copy_job_id(id))
            }
            Address::FailedCopyJobs { since, .. } => {
                let since = since.map(|since| DateTime::from_secs(since.as_second()));
                pages!(
                    LIST_COPY_JOBS,
                    "CopyJobs",
                    client
                        .list_copy_jobs()
                        .by_state(CopyJobState::Failed)
                        .set_by_complete_after(since)
                )
            }
            _ => return Ok(None),
        };
        Ok(Some(text))
    }
}

/// Whether AWS Backup keeps the tags of a recovery point, and not the service it is of.
fn keeps_tags_in_backup(arn: &str) -> bool {
    !Arn::parse(arn).is_some_and(|arn| matches!(arn.service, "ec2" | "rds" | "fsx"))
}
