//! What the benchmarks in `benches/bars` have in common: a feeder on a core of its own, ratios of pairs taken in the same
//! run, and reports as JSON and SVG.

pub mod bar;
pub mod cores;
pub mod counter;
pub mod feeder;
pub mod frames;
pub mod machine;
pub mod pace;
pub mod plot;
pub mod process;
pub mod reader;
pub mod report;
pub mod series;

pub use bar::{Bar, Limit};
pub use frames::{Dialect, Frames};
pub use report::Report;
pub use series::Series;
