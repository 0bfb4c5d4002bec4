//! A message among others: its length in four bytes, the lowest first, then JSON.

use std::io::{self, ErrorKind, Read, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// Bytes of a message at the most: a chart's picture is the largest there is.
const MOST: usize = 32 * 1_024 * 1_024;

/// # Errors
/// [`ErrorKind::InvalidData`]: it is longer than a message may be.
pub(super) fn of(message: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; 4];
    serde_json::to_writer(&mut bytes, message)?;
    let length = bytes.len() - 4;
    if length > MOST {
        return Err(too_long(length));
    }
    let length = u32::try_from(length).map_err(|_| too_long(length))?;
    bytes[..4].copy_from_slice(&length.to_le_bytes());
    Ok(bytes)
}

pub(super) fn write(to: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    to.write_all(&of(message)?)
}

/// `None`: the other one has ended, between two messages.
///
/// # Errors
/// [`ErrorKind::UnexpectedEof`] within a message, [`ErrorKind::InvalidData`] for what is none.
pub(super) fn read_blocking<T: DeserializeOwned>(from: &mut impl Read) -> io::Result<Option<T>> {
    let mut length = [0; 4];
    match from.read_exact(&mut length) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let mut bytes = vec![0; checked(length)?];
    from.read_exact(&mut bytes)?;
    Ok(Some(serde_json::from_slice(&bytes)?))
}

/// As [`read_blocking`]. Not cancel safe: a message of which some was read is lost.
pub(super) async fn read<T: DeserializeOwned>(
    from: &mut (impl AsyncRead + Unpin),
) -> io::Result<Option<T>> {
    let mut length = [0; 4];
    match from.read_exact(&mut length).await {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    };
    let mut bytes = vec![0; checked(length)?];
    from.read_exact(&mut bytes).await?;
    Ok(Some(serde_json::from_slice(&bytes)?))
}

fn checked(length: [u8; 4]) -> io::Result<usize> {
    let length = u32::from_le_bytes(length) as usize;
    if length > MOST { Err(too_long(length)) } else { Ok(length) }
}

fn too_long(length: usize) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, format!("a message of {length} bytes"))
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::super::messages::{Answer, FromWindow, ToWindow};
    use super::*;

    fn raw(json: &str) -> Box<RawValue> {
        RawValue::from_string(json.to_owned()).unwrap()
    }

    #[tokio::test]
    async fn messages_come_as_they_were_sent() {
        let mut sent = Vec::new();
        let arguments = r#"{"id":"a/b ü","price":"1.10000000000000000001"}"#;
        let call = FromWindow::Call { call: 7, command: "x".into(), arguments: raw(arguments) };
        write(&mut sent, &call).unwrap();
        write(&mut sent, &FromWindow::CloseWanted).unwrap();
        let mut waiting = &sent[..];
        let Some(FromWindow::Call { call, command, arguments: came }) =
            read(&mut waiting).await.unwrap()
        else {
            panic!("another message")
        };
        assert_eq!((call, command.as_str(), came.get()), (7, "x", arguments));
        let second: FromWindow = read_blocking(&mut waiting).unwrap().unwrap();
        assert!(matches!(second, FromWindow::CloseWanted));
        assert!(read::<FromWindow>(&mut waiting).await.unwrap().is_none(), "the end");
    }

    #[test]
    fn an_answer_keeps_its_digits() {
        let answer = Answer::Refused(raw("12345678901234567890.12345678901234567890"));
        let bytes = of(&ToWindow::Answer { call: 1, answer }).unwrap();
        let Some(ToWindow::Answer { answer: Answer::Refused(came), .. }) =
            read_blocking(&mut &bytes[..]).unwrap()
        else {
            panic!("another message")
        };
        assert_eq!(came.get(), "12345678901234567890.12345678901234567890");
    }

    #[tokio::test]
    async fn what_is_cut_too_long_or_no_message_is_refused() {
        let whole = of(&FromWindow::CloseWanted).unwrap();
        let kind = async |bytes: &[u8]| {
            let mut waiting = bytes;
            let slow = read::<FromWindow>(&mut waiting).await.unwrap_err().kind();
            let blocking = read_blocking::<FromWindow>(&mut &bytes[..]).unwrap_err().kind();
            assert_eq!(slow, blocking);
            slow
        };
        assert_eq!(kind(&whole[..whole.len() - 1]).await, ErrorKind::UnexpectedEof);
        // Nothing of that size is made room for.
        assert_eq!(kind(&u32::MAX.to_le_bytes()).await, ErrorKind::InvalidData);
        assert_eq!(kind(&of(&"no message").unwrap()).await, ErrorKind::InvalidData);
    }
}
