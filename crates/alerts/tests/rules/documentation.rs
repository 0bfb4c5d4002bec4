use alerts::Policy;
use alerts::rule::{RuleBook, RulesOptions};

const PAGE: &str = include_str!("../../../../docs/rules.md");

fn examples() -> Vec<&'static str> {
    PAGE.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

#[test]
fn every_example_is_a_rule() {
    for example in examples() {
        let options: RulesOptions =
            toml::from_str(example).unwrap_or_else(|error| panic!("{error}\n{example}"));
        let book = RuleBook::new(&options, Policy::default(), "acme");
        assert!(book.is_ok(), "{:?}\n{example}", book.unwrap_err());
    }
}

#[test]
fn every_metric_has_an_example() {
    let all = examples().concat();
    for metric in [
        "room",
        "drop",
        "ltv",
        "ltv_of_limit",
        "health_factor",
        "utilization",
        "collateral",
        "debt",
        "price",
        "depeg",
        "data_age",
        "vault_status",
        "volatility",
        "gas_price",
        "market_age",
        "status",
    ] {
        assert!(all.contains(&format!("metric = \"{metric}\"")), "{metric}");
    }
    for form in [
        "change = \"percent\"",
        "change = \"absolute\"",
        "schedule = ",
        "scope.tokens",
        "[[policy]]",
    ] {
        assert!(all.contains(form), "{form}");
    }
}

#[test]
fn what_is_read_is_written_back_the_same() {
    for example in examples() {
        let options: RulesOptions = toml::from_str(example).unwrap();
        let again: RulesOptions = toml::from_str(&toml::to_string(&options).unwrap()).unwrap();
        assert_eq!(again, options);
    }
}
