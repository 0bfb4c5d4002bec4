//! `vaultwatchctl watch --quiet` against a minimal tokio-tungstenite loop with typed serde, in the same run.
//!
//! A feeder thread writes pre-framed messages of about 180 bytes as fast as they are read. The peer parses
//! envelope and payload into typed structs and counts; ours validates, recognises duplicates, keeps last values and
//! judges every update. Both are processes of their own, taken in turn; the ratio of each pair counts.
//!
//! The reader has one core for itself, the feeder another one. Left to the scheduler the two share one core in some
//! runs and not in others, and the ratio says more about that than about the reader.

#![expect(clippy::print_stdout, reason = "a benchmark prints its result")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::thread;
use std::time::Instant;

use futures_util::StreamExt;
use serde::Deserialize;

/// So many that starting and ending a process weigh little.
const MESSAGES: usize = 1_000_000;
const VAULTS: usize = 1_000;
const PAIRS: usize = 5;
/// The bar: ours at least this share of the peer's rate.
const BAR: f64 = 0.4;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if let Some(at) = args.iter().position(|arg| arg == "--minimal") {
        return minimal(&args[at + 1]);
    }
    let frames = frames();
    println!("{MESSAGES} messages of {} bytes, {VAULTS} vaults", frames.len() / MESSAGES);
    let mut ratios = Vec::new();
    for pair in 1..=PAIRS {
        let peer = rate(&frames, |url| {
            let mut command =
                Command::new(std::env::current_exe().expect("this program has a path"));
            command.args(["--minimal", url]);
            command
        });
        let ours = rate(&frames, |url| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_vaultwatchctl"));
            command.args(["watch", "--quiet", "--once", "--url", url]);
            command
        });
        let ratio = ours / peer;
        println!(
            "pair {pair}: minimal loop {peer:>9.0}/s   watch {ours:>9.0}/s   ratio {ratio:.2}"
        );
        ratios.push(ratio);
    }
    ratios.sort_by(f64::total_cmp);
    let median = ratios[PAIRS / 2];
    println!("watch_throughput: median ratio {median:.2} (bar {BAR}), lowest {:.2}", ratios[0]);
    assert!(median >= BAR, "below the bar");
}

#[derive(Clone, Copy)]
enum Core {
    Reader,
    Feeder,
}

/// Keeps the calling thread on a core of its own. With a single core, or where the system does not let us, it runs
/// where it likes.
fn pin(core: Core) {
    let cores = core_affinity::get_core_ids().unwrap_or_default();
    if let [reader, .., feeder] = cores[..] {
        core_affinity::set_for_current(match core {
            Core::Reader => reader,
            Core::Feeder => feeder,
        });
    }
}

/// Messages per second from the first byte written to the end of the process that read them.
fn rate(frames: &[u8], command: impl Fn(&str) -> Command) -> f64 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("ws://{}", listener.local_addr().expect("it is bound"));
    thread::scope(|scope| {
        let feeder = scope.spawn(move || {
            pin(Core::Feeder);
            let (socket, _) = listener.accept().expect("the reader connects");
            feed(socket, frames)
        });
        // A process runs where the thread does that starts it.
        pin(Core::Reader);
        let output = command(&url).output().expect("the reader starts");
        let ended = Instant::now();
        let report = String::from_utf8_lossy(&output.stdout);
        let count = format!("\"messages\":{MESSAGES}");
        assert!(
            report.contains(&count),
            "every message was read: {report}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let begun = feeder.join().expect("the feeder ends");
        MESSAGES as f64 / ended.duration_since(begun).as_secs_f64()
    })
}

fn feed(mut socket: TcpStream, frames: &[u8]) -> Instant {
    let key = handshake(&mut socket);
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {key}\r\n\r\n"
    );
    socket.write_all(answer.as_bytes()).expect("the reader listens");
    let begun = Instant::now();
    socket.write_all(frames).expect("the reader reads");
    // A close frame with code 1000, and the end of the stream, on which the reader may go.
    socket.write_all(&[0x88, 2, 0x03, 0xe8]).expect("the reader reads");
    socket.shutdown(std::net::Shutdown::Write).expect("the reader is still there");
    let mut rest = Vec::new();
    let _ = socket.read_to_end(&mut rest);
    begun
}

fn handshake(socket: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        socket.read_exact(&mut byte).expect("the reader sends its request");
        request.push(byte[0]);
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let key = request
        .lines()
        .find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("sec-websocket-key").then(|| value.trim().to_owned())
        })
        .expect("a WebSocket request has a key");
    tokio_tungstenite::tungstenite::handshake::derive_accept_key(key.as_bytes())
}

/// All messages as unmasked text frames, one after the other.
fn frames() -> Vec<u8> {
    let mut frames = Vec::with_capacity(MESSAGES * 190);
    for i in 0..MESSAGES {
        let vault = i % VAULTS;
        let ltv = 40.0 + (i % 400) as f64 / 25.0;
        let text = format!(
            r#"{{"type":"vault_update_ETH-{vault:04}","data":{{"ltv":{ltv:.2},"maxLTV":80,"liquidationThreshold":82.5,"healthFactor":{:.3},"status":"ACTIVE"}},"timestamp":{},"id":"m-{i:08}"}}"#,
            82.5 / ltv,
            1_763_800_000_000_u64 + i as u64,
        );
        let length = u16::try_from(text.len()).expect("a small message");
        frames.extend([0x81, 126]);
        frames.extend(length.to_be_bytes());
        frames.extend(text.as_bytes());
    }
    frames
}

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

/// The peer: the least that turns a socket into typed values.
fn minimal(url: &str) {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (mut count, mut sum) = (0, 0.0);
    runtime.block_on(async {
        let (mut socket, _) =
            tokio_tungstenite::connect_async(url).await.expect("the feeder listens");
        while let Some(Ok(message)) = socket.next().await {
            let tokio_tungstenite::tungstenite::Message::Text(text) = message else { continue };
            let envelope: Envelope<'_> = serde_json::from_str(&text).expect("a vault update");
            count += 1;
            sum += envelope.data.ltv + envelope.data.health_factor + envelope.timestamp as f64;
            sum += (envelope.ty.len() + envelope.id.map_or(0, str::len)) as f64;
        }
    });
    println!("{{\"messages\":{count},\"sum\":{sum}}}");
}
