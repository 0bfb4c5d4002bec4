use domain::Level;

use crate::words::rules as say;

/// From bad to worse, as the ladder has them, each by its name in the file.
pub(super) const LEVELS: [(&str, Level); 3] =
    [("medium", Level::Medium), ("high", Level::High), ("critical", Level::Critical)];

/// A level in a sentence; what is none stands for itself.
pub(super) fn in_words(name: &str) -> &str {
    match name {
        "medium" => say::medium(),
        "high" => say::high(),
        "critical" => say::critical(),
        unknown => unknown,
    }
}
