//! Proxies as a user meets them: real ones, in front of a real server.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use realtime::transport::{ConnectPhase, Dial, TcpDial, Trace, upgrade};
use realtime::{ConnectError, ConnectErrorKind, Options, Secret};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// A name that no resolver knows: only the proxy can lead there.
const NAME: &str = "feed.invalid";

async fn server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            tokio::spawn(async move {
                if let Ok(socket) = tokio_tungstenite::accept_async(tcp).await {
                    std::future::pending::<()>().await;
                    drop(socket);
                }
            });
        }
    });
    port
}

/// An HTTP proxy that gives this answer, and tells what it was asked. After a 200 it leads to the server.
async fn http_proxy(answer: &'static str, server: u16) -> (u16, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (asked, requests) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut tcp, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(tcp.read_u8().await.unwrap());
            }
            let _ = asked.send(String::from_utf8(head).unwrap());
            tcp.write_all(format!("HTTP/1.1 {answer}\r\nVia: test\r\n\r\n").as_bytes())
                .await
                .unwrap();
            if answer.starts_with("200") {
                let mut onward = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
                tokio::spawn(async move { copy_bidirectional(&mut tcp, &mut onward).await });
            }
        }
    });
    (port, requests)
}

/// A SOCKS5 proxy (RFC 1928, 1929) that wants `me` and `hush`, and tells which name it was asked for.
async fn socks_proxy(server: u16) -> (u16, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (asked, requests) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            tokio::spawn(socks_client(tcp, server, asked.clone()));
        }
    });
    (port, requests)
}

async fn socks_client(
    mut tcp: TcpStream,
    server: u16,
    asked: mpsc::UnboundedSender<String>,
) -> std::io::Result<()> {
    async fn counted(tcp: &mut TcpStream) -> std::io::Result<Vec<u8>> {
        let mut bytes = vec![0; usize::from(tcp.read_u8().await?)];
        tcp.read_exact(&mut bytes).await?;
        Ok(bytes)
    }
    assert_eq!(tcp.read_u8().await?, 5);
    if !counted(&mut tcp).await?.contains(&2) {
        return tcp.write_all(&[5, 0xff]).await;
    }
    tcp.write_all(&[5, 2]).await?;
    assert_eq!(tcp.read_u8().await?, 1);
    let (user, password) = (counted(&mut tcp).await?, counted(&mut tcp).await?);
    if (user, password) != (b"me".to_vec(), b"hush".to_vec()) {
        return tcp.write_all(&[1, 1]).await;
    }
    tcp.write_all(&[1, 0]).await?;
    let mut head = [0; 4];
    tcp.read_exact(&mut head).await?;
    assert_eq!(head, [5, 1, 0, 3], "a name, looked up by the proxy");
    let name = counted(&mut tcp).await?;
    let port = tcp.read_u16().await?;
    let _ = asked.send(format!("{}:{port}", String::from_utf8(name).unwrap()));
    tcp.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
    let mut onward = TcpStream::connect(("127.0.0.1", server)).await?;
    copy_bidirectional(&mut tcp, &mut onward).await.map(drop)
}

async fn open(url: String, proxy: &str) -> Result<Trace, ConnectError> {
    let options =
        Options { proxy: Some(Secret::new(proxy)), allow_plaintext: true, ..Options::new(url) };
    assert!(!format!("{options:?}").contains("hush"));
    let valid = options.validate().unwrap();
    let dial = TcpDial::new(valid.values());
    assert!(!format!("{dial:?}").contains("hush"));
    let (endpoint, trace) = (&valid.endpoints()[0], Trace::default());
    let stream = dial.dial_traced(endpoint, trace.clone()).await?;
    upgrade(stream, endpoint, valid.values(), None, &trace).await?;
    Ok(trace)
}

#[tokio::test]
async fn http_connect_with_basic_auth() {
    let server = server().await;
    let (port, mut requests) = http_proxy("200 Connection established", server).await;
    let proxy = format!("http://me:hush@127.0.0.1:{port}");
    let trace = open(format!("ws://{NAME}:8080/ws"), &proxy).await.unwrap();
    let request = requests.recv().await.unwrap();
    assert!(request.starts_with(&format!("CONNECT {NAME}:8080 HTTP/1.1\r\nHost: {NAME}:8080\r\n")));
    // RFC 7617: base64 of `me:hush`.
    assert!(request.contains("\r\nProxy-Authorization: Basic bWU6aHVzaA==\r\n"), "{request}");
    let phases = trace.phases();
    assert!(phases.proxy.is_some() && phases.upgrade.is_some() && phases.tls.is_none());
    assert_eq!(phases.via, Some(format!("http://127.0.0.1:{port}")));
}

#[tokio::test]
async fn socks5_with_a_password_looks_the_name_up_itself() {
    let server = server().await;
    let (port, mut requests) = socks_proxy(server).await;
    let proxy = format!("socks5://me:hush@127.0.0.1:{port}");
    let trace = open(format!("ws://{NAME}:8080/ws"), &proxy).await.unwrap();
    assert_eq!(requests.recv().await.unwrap(), format!("{NAME}:8080"));
    assert_eq!(trace.phases().via, Some(format!("socks5://127.0.0.1:{port}")));
}

#[tokio::test]
async fn a_proxy_that_refuses_is_named_without_the_credentials() {
    let (wants, _a) = http_proxy("407 Proxy Authentication Required", 1).await;
    let (forbids, _b) = http_proxy("403 Forbidden", 1).await;
    let (socks, _c) = socks_proxy(1).await;
    for (proxy, word) in [
        (format!("http://me:hush-hush@127.0.0.1:{wants}"), "407"),
        (format!("http://me:hush-hush@127.0.0.1:{forbids}"), "403"),
        (format!("socks5://me:hush-hush@127.0.0.1:{socks}"), "user and a password"),
        (format!("socks5://127.0.0.1:{socks}"), "user and a password"),
    ] {
        let error = open(format!("ws://{NAME}/"), &proxy).await.map(drop).unwrap_err();
        assert_eq!((error.kind, error.phase), (ConnectErrorKind::Proxy, Some(ConnectPhase::Proxy)));
        let text = format!("{error} {error:?}");
        assert!(text.contains(word) && !text.contains("hush"), "{text}");
    }
}

#[tokio::test]
async fn loopback_goes_directly() {
    let server = server().await;
    let trace = open(format!("ws://127.0.0.1:{server}/"), "http://127.0.0.1:1").await.unwrap();
    assert_eq!(trace.phases().via, None);
}
