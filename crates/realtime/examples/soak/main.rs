//! Ten thousand faults, and what they cost; then a thousand clients whose server dies. Prints one JSON object:
//! `cargo run --release -p realtime --features testing --example soak -- [FAULTS] [SEED] [CLIENTS]`
#![expect(clippy::print_stdout, reason = "an example for a terminal")]

mod herd;
mod run;

use std::error::Error;
use std::time::Duration;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1).map(|arg| arg.parse::<u64>());
    let mut next = |default| args.next().unwrap_or(Ok(default));
    let (faults, seed, clients) = (next(10_000)?, next(1)?, next(1_000)?);

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let soak = runtime.block_on(run::soak(faults as usize, seed))?;
    let herd = runtime.block_on(herd::herd(clients as usize, Duration::from_secs(5)));
    let mut complaints = soak.complaints();
    complaints.extend(soak.growth_complaint());
    if herd.worst_window_share > 0.1 {
        complaints.push("the herd came back at once".to_owned());
    }
    let mut report = serde_json::to_value(&soak)?;
    report["herd"] = serde_json::to_value(&herd)?;
    println!("{}", serde_json::to_string_pretty(&report)?);
    if complaints.is_empty() { Ok(()) } else { Err(complaints.join("; ").into()) }
}
