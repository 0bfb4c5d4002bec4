use std::time::Duration;

use super::Faults;
use crate::rule::fault::Fault;
use crate::rule::metric::{
    MarketMetric, Metric, NAMES, STATUSES, StatusField, Statuses, Unit, VaultMetric,
};
use crate::rule::options::RuleOptions;
use crate::rule::time;
use crate::rule::window::{Change, ChangeIn};

/// Values are kept for so long.
const WINDOW_LIMIT: Duration = Duration::from_secs(24 * 3_600);
const WINDOW_LEAST: Duration = Duration::from_secs(10);

pub(super) fn metric(options: &RuleOptions, faults: &mut Faults) -> Option<Metric> {
    use Metric::{Market, Status, Vault};
    let token = options.token.clone();
    if token.as_ref().is_some_and(|token| token.is_empty() || token.len() > 64) {
        faults.add("token", Fault::Empty);
        return None;
    }
    let on_vault = |metric| Vault(metric);
    let metric = match (options.metric.as_str(), &token) {
        ("price", Some(token)) => Market(MarketMetric::Price(token.clone())),
        ("depeg", Some(token)) => Market(MarketMetric::Depeg(token.clone())),
        ("utilization", Some(token)) => Market(MarketMetric::Utilization(token.clone())),
        ("ltv", _) => on_vault(VaultMetric::Ltv),
        ("ltv_of_limit", _) => on_vault(VaultMetric::LtvOfLimit),
        ("health_factor", _) => on_vault(VaultMetric::HealthFactor),
        ("drop", _) => on_vault(VaultMetric::Drop),
        ("room", _) => on_vault(VaultMetric::Room),
        ("utilization", None) => on_vault(VaultMetric::Utilization),
        ("collateral", _) => on_vault(VaultMetric::Collateral),
        ("debt", _) => on_vault(VaultMetric::Debt),
        ("price", None) => on_vault(VaultMetric::Price),
        ("depeg", None) => on_vault(VaultMetric::Depeg),
        ("data_age", _) => on_vault(VaultMetric::Age),
        ("vault_status", _) => on_vault(VaultMetric::Status(statuses(options, faults)?)),
        ("volatility", _) => Market(MarketMetric::Volatility),
        ("gas_price", _) => Market(MarketMetric::GasPrice),
        ("market_age", _) => Market(MarketMetric::Age),
        ("status", _) => Status(status_field(options, faults)?),
        (other, _) => {
            faults.add("metric", Fault::Unknown { given: other.into(), known: NAMES.join(", ") });
            return None;
        }
    };
    let takes_token = matches!(
        metric,
        Market(MarketMetric::Price(_) | MarketMetric::Depeg(_) | MarketMetric::Utilization(_))
    );
    if token.is_some() && !takes_token {
        let why =
            "only price, depeg and utilization are known of a token; scope.tokens chooses vaults";
        faults.add("token", Fault::NotHere { why });
    }
    if options.field.is_some() && !matches!(metric, Status(_)) {
        faults.add("field", Fault::NotHere { why: "only the metric status has fields" });
    }
    if options.is.is_some() && metric.unit() != Unit::Flag {
        faults
            .add("is", Fault::NotHere { why: "this metric is a number, judged by when and enter" });
    }
    Some(metric)
}

fn statuses(options: &RuleOptions, faults: &mut Faults) -> Option<Statuses> {
    let known = || STATUSES.map(|(_, name)| name).join(", ");
    let Some(names) = &options.is else {
        faults.add("is", Fault::Missing { why: "which statuses, as in is = [\"SUSPENDED\"]" });
        return None;
    };
    if names.is_empty() {
        faults.add("is", Fault::Empty);
    }
    let mut statuses = Statuses::default();
    for (n, name) in names.iter().enumerate() {
        match STATUSES.iter().find(|(_, known)| known.eq_ignore_ascii_case(name)) {
            Some((status, _)) => statuses.insert(*status),
            None => {
                let fault = Fault::Unknown { given: name.clone(), known: known() };
                faults.add(format!("is.{n}"), fault);
            }
        }
    }
    Some(statuses)
}

fn status_field(options: &RuleOptions, faults: &mut Faults) -> Option<StatusField> {
    let is = options.is.clone().unwrap_or_default();
    if options.is.is_some() && is.is_empty() {
        faults.add("is", Fault::Empty);
    }
    match &options.field {
        Some(name) if !name.is_empty() && name.len() <= 128 => {
            Some(StatusField { name: name.clone(), is })
        }
        Some(_) => {
            faults.add("field", Fault::Empty);
            None
        }
        None => {
            let why = "which field of the platform's status, as in performanceMetrics.successRate";
            faults.add("field", Fault::Missing { why });
            None
        }
    }
}

pub(super) fn change(
    options: &RuleOptions,
    metric: &Metric,
    faults: &mut Faults,
) -> Option<Change> {
    let kind = match options.change.as_deref() {
        None => {
            if options.over.is_some() {
                faults.add("over", Fault::NotHere { why: "a window belongs to a change" });
            }
            return None;
        }
        Some("percent") => ChangeIn::Percent,
        Some("absolute") => ChangeIn::Absolute,
        Some(other) => {
            let known = "percent, absolute".to_owned();
            faults.add("change", Fault::Unknown { given: other.into(), known });
            return None;
        }
    };
    if matches!(metric.unit(), Unit::Flag | Unit::Seconds) {
        faults.add("change", Fault::NotHere { why: "this metric has no rate of change" });
        return None;
    }
    let Some(over) = &options.over else {
        faults.add("over", Fault::Missing { why: "the window of the change, as in 30m" });
        return None;
    };
    let over = faults.take("over", time::parse(over))?;
    if over > WINDOW_LIMIT {
        faults.add("over", Fault::WindowTooLong { limit: "24 h" });
        return None;
    }
    if over < WINDOW_LEAST {
        faults.add("over", Fault::TooShort { least: "10 s" });
        return None;
    }
    Some(Change { kind, over })
}
