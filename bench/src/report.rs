//! What one benchmark found, for people and for files.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::bar::figure;
use crate::plot::{self, Curve};
use crate::{Bar, Series};

/// The result of one benchmark.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub benchmark: &'static str,
    /// One sentence: what was compared with what.
    pub what: String,
    pub bars: Vec<Bar>,
    /// What stands beside the bars, without one of its own: in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<String>,
    /// What could not be measured here, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<String>,
    pub series: Vec<Series>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub curves: Vec<Curve>,
    /// The set-up and whatever else explains the figures.
    pub details: Map<String, Value>,
}

impl Report {
    #[must_use]
    pub fn new(benchmark: &'static str, what: impl Into<String>) -> Self {
        Self {
            benchmark,
            what: what.into(),
            bars: Vec::new(),
            beside: Vec::new(),
            skipped: Vec::new(),
            series: Vec::new(),
            curves: Vec::new(),
            details: Map::new(),
        }
    }

    pub fn detail(&mut self, name: &str, value: impl Into<Value>) {
        self.details.insert(name.to_owned(), value.into());
    }

    /// Tells a figure that nothing was promised about, beside those that are judged.
    pub fn beside(&mut self, series: &Series) {
        let [median, lowest, highest] =
            [series.median(), series.lowest(), series.highest()].map(figure);
        self.beside
            .push(format!("{}: {median} {} ({lowest} to {highest})", series.name, series.unit));
    }

    /// Whether all bars were met.
    #[must_use]
    pub fn is_met(&self) -> bool {
        self.bars.iter().all(|bar| bar.met)
    }

    /// Writes `<benchmark>.json` and `<benchmark>.svg`.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn save(&self, folder: &Path) -> Result<()> {
        save_json(self, &folder.join(format!("{}.json", self.benchmark)))?;
        let path = folder.join(format!("{}.svg", self.benchmark));
        fs::write(&path, plot::svg(self)).with_context(|| path.display().to_string())
    }
}

/// Writes a value with line breaks, which can be compared from run to run.
///
/// # Errors
/// The file cannot be written.
pub fn save_json(value: &impl Serialize, path: &Path) -> Result<()> {
    let mut json = serde_json::to_string_pretty(value)?;
    json.push('\n');
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    fs::write(path, json).with_context(|| path.display().to_string())
}
