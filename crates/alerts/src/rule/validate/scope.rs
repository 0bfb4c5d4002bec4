use std::sync::Arc;

use domain::ChainId;
use smol_str::SmolStr;

use super::{Faults, Labels, patterns};
use crate::rule::fault::Fault;
use crate::rule::metric::Metric;
use crate::rule::options::ScopeOptions;
use crate::rule::scope::{Label, Scope};

pub(super) fn scope(
    options: &ScopeOptions,
    metric: Option<&Metric>,
    labels: &Labels,
    faults: &mut Faults,
) -> Scope {
    let about_vaults = [
        ("scope.tokens", !options.tokens.is_empty()),
        ("scope.labels", !options.labels.is_empty()),
        ("scope.vaults", !options.vaults.is_empty()),
    ];
    let unfit: &[(&str, bool)] = match metric {
        Some(Metric::Market(_)) => &about_vaults,
        Some(Metric::Status(_)) => {
            if !options.chains.is_empty() {
                let why = "the platform's status is of no chain";
                faults.add("scope.chains", Fault::NotHere { why });
            }
            &about_vaults
        }
        _ => &[],
    };
    for (field, given) in unfit {
        if *given {
            faults.add(*field, Fault::NotHere { why: "this metric is not about vaults" });
        }
    }
    for (n, name) in options.labels.iter().enumerate() {
        if !labels.contains_key(name) {
            faults.add(format!("scope.labels.{n}"), Fault::UnknownLabel);
        }
    }
    let known = |name: &SmolStr| {
        labels.get(name).map(|vaults| Label { name: name.clone(), vaults: Arc::clone(vaults) })
    };
    Scope {
        profiles: options.profiles.clone(),
        chains: options.chains.iter().map(|chain| ChainId(*chain)).collect(),
        tokens: options.tokens.clone(),
        labels: options.labels.iter().filter_map(known).collect(),
        vaults: patterns(&options.vaults, "scope.vaults", faults),
    }
}
