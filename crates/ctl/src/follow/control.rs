use std::io::BufRead;

use serde_json::value::RawValue;
use tokio::sync::mpsc;

/// Longest order, in bytes: a message of the usual size and a word.
const LONGEST: u64 = 128 * 1024;

/// What a stream can be told.
pub(super) enum Control {
    Connect,
    Disconnect,
    Send(Box<RawValue>),
    Clear,
    /// What is wrong with a line.
    Unknown(String),
}

/// Reads orders from standard input for as long as there are any.
///
/// # Errors
/// When there is no thread to be had.
pub(super) fn listen(orders: mpsc::Sender<Control>) -> std::io::Result<()> {
    // A thread of its own, which the end of the program does not wait for: a terminal may never send a line.
    let read = move || {
        let mut input = std::io::stdin().lock();
        let mut line = String::new();
        loop {
            line.clear();
            let read = std::io::Read::take(&mut input, LONGEST).read_line(&mut line);
            match read {
                Ok(1..) if line.trim().is_empty() => {}
                Ok(1..) => {
                    if orders.blocking_send(parse(line.trim())).is_err() {
                        return;
                    }
                }
                Ok(0) | Err(_) => return,
            }
        }
    };
    std::thread::Builder::new().name("orders".into()).spawn(read).map(drop)
}

fn parse(line: &str) -> Control {
    match line.split_once(' ').unwrap_or((line, "")) {
        ("connect", "") => Control::Connect,
        ("disconnect", "") => Control::Disconnect,
        ("clear", "") => Control::Clear,
        ("send", data) => match serde_json::from_str(data) {
            Ok(data) => Control::Send(data),
            Err(error) => Control::Unknown(format!("send: this is no JSON: {error}")),
        },
        (word, _) => Control::Unknown(format!(
            "`{word}` is no order; there are connect, disconnect, send JSON, clear"
        )),
    }
}
