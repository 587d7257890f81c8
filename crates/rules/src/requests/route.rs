//! How a call reaches the service.

use crate::facts::{CopySupport, Step, StepResource, Via};
use crate::view::View;

/// How a call reaches the service.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Route {
    /// AWS Backup calls it itself.
    Direct,
    /// A service calls on in the session of the role; `kms:ViaService` names it.
    Forwarded(String),
}

impl Route {
    /// Whether AWS Backup itself stands in `kms:ViaService`.
    pub(super) fn is_of_backup(&self) -> bool {
        matches!(self, Self::Forwarded(service) if service.starts_with("backup."))
    }

    /// The route in a few words.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Direct => "called directly".to_owned(),
            Self::Forwarded(service) => format!("through {service}"),
        }
    }
}

/// The routes by which a step uses a key of a type.
///
/// Which Region stands in `kms:ViaService` of a copy between Regions is not known, so both are
/// asked (`steps-via-service-region`). `kms:DescribeKey` may be called directly as well
/// (`steps-describe-key-twice`).
pub(crate) fn routes(
    view: &View<'_>,
    step: &Step,
    action: &str,
    support: &CopySupport,
) -> Vec<Route> {
    let service = match step.via {
        Via::Type => support.via_service.value.as_str(),
        Via::Backup => "backup",
        Via::None => return vec![Route::Direct],
        Via::Unknown => "backup",
    };
    let mut routes = Vec::new();
    // For the keys of air-gapped vaults AWS documents the route of every call.
    let documented = matches!(
        step.resource,
        StepResource::AirGappedSourceKey | StepResource::AirGappedDestinationKey
    );
    if step.via == Via::Unknown || (action == "kms:DescribeKey" && !documented) {
        routes.push(Route::Direct);
    }
    for region in [&view.copy.source.region, &view.copy.destination.region] {
        let route = Route::Forwarded(format!("{service}.{region}.amazonaws.com"));
        if !routes.contains(&route) {
            routes.push(route);
        }
    }
    routes
}
