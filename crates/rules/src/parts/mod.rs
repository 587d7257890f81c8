//! Parts of rules: what several of them ask, and what one would be too long with. No rule stands
//! here, so nothing here has a page.

pub(crate) mod air_gapped;
pub(crate) mod allowed_images;
pub(crate) mod copy_actions;
pub(crate) mod guarded;
pub(crate) mod guarded_keys;
pub(crate) mod key_state;
pub(crate) mod key_use;
pub(crate) mod opt_in;
pub(crate) mod plan_vaults;
pub(crate) mod region;
pub(crate) mod retention;
pub(crate) mod role_trust;
pub(crate) mod role_use;
pub(crate) mod subject;
pub(crate) mod trusted_access;
pub(crate) mod vault_key;
pub(crate) mod vault_list;
