//! `IpAddress` and `NotIpAddress`.

use std::net::IpAddr;

use super::Compared;
use crate::Truth;
use crate::text::Text;

/// An address in a CIDR range; no prefix length means the one address, bits behind the prefix
/// do not count, and an address of the other family is not in the range.
pub(super) fn matches(policy: &Text, value: &Text) -> Compared {
    let Some(policy) = policy.known() else { return Compared::Is(Truth::Unknown) };
    let Some((network, prefix)) = range(policy) else { return Compared::Unreadable };
    let Some(value) = value.known() else { return Compared::Is(Truth::Unknown) };
    let Ok(address) = value.parse::<IpAddr>() else { return Compared::Unreadable };
    match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            let shift = 32 - u32::from(prefix);
            let kept = |bits: u32| bits.checked_shr(shift).unwrap_or(0);
            (kept(network.to_bits()) == kept(address.to_bits())).into()
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            let shift = 128 - u32::from(prefix);
            let kept = |bits: u128| bits.checked_shr(shift).unwrap_or(0);
            (kept(network.to_bits()) == kept(address.to_bits())).into()
        }
        _ => Compared::Is(Truth::False),
    }
}

/// Network address and prefix length.
fn range(text: &str) -> Option<(IpAddr, u8)> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let longest = if address.is_ipv4() { 32 } else { 128 };
    let prefix = match prefix {
        Some(prefix) if prefix.bytes().all(|byte| byte.is_ascii_digit()) => prefix.parse().ok()?,
        Some(_) => return None,
        None => longest,
    };
    (prefix <= longest).then_some((address, prefix))
}
