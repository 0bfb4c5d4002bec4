mod id;

pub use id::{BadRuleId, RuleId};
