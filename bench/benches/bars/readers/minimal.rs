use anyhow::Result;
use bench::process::Process;
use futures_util::StreamExt;
use serde::Deserialize;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::runtime;

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "type")]
    ty: &'a str,
    data: Update,
    timestamp: i64,
    id: Option<&'a str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Update {
    ltv: f64,
    health_factor: f64,
}

/// The least that turns a socket into typed values.
pub(super) fn run(url: &str) -> Result<()> {
    let (mut count, mut sum) = (0, 0.0);
    runtime()?.block_on(async {
        let (mut socket, _) = tokio_tungstenite::connect_async(url).await?;
        while let Some(Ok(message)) = socket.next().await {
            let Message::Text(text) = message else { continue };
            let envelope: Envelope<'_> = serde_json::from_str(&text)?;
            count += 1;
            sum += envelope.data.ltv + envelope.data.health_factor + envelope.timestamp as f64;
            sum += (envelope.ty.len() + envelope.id.map_or(0, str::len)) as f64;
        }
        anyhow::Ok(())
    })?;
    let cpu = Process::own().cpu()?.as_secs_f64();
    println!("{}", json!({ "messages": count, "sum": sum, "cpuSeconds": cpu }));
    Ok(())
}
