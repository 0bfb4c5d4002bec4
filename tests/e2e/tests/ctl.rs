//! `vaultwatchctl` as scripts use it, and what the binaries are made of.

use std::fs;

use anyhow::{Context, Result};
use e2e::{
    app::{binary, shared_libraries},
    ctl::Ctl,
    feed::Feed,
    fixtures::Vault,
    processes::Session,
};
use tokio::{io::AsyncWriteExt, net::TcpListener};

#[tokio::test(flavor = "multi_thread")]
async fn once_ends_with_the_server() -> Result<()> {
    let session = Session::new()?;
    let feed = Feed::start().await?;
    feed.greet_with(&[Vault::calm("ETH-001").envelope(), Vault::calm("ETH-002").envelope()]);
    let ctl = Ctl::start(&session, &["watch", "--url", &feed.url(), "--json", "--once"])?;
    ctl.wait_for("vault", |event| event["id"] == "ETH-002").await?;

    feed.close(1000)?;

    let (status, events) = ctl.finish().await?;
    assert_eq!(status.code(), Some(0));
    let summary = events.last().context("no summary")?;
    assert_eq!(summary["event"], "summary");
    assert_eq!((&summary["messages"], &summary["vaults"]), (&2.into(), &2.into()), "{summary}");
    assert_eq!(summary["conflated"], 0, "{summary}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn quiet_prints_the_summary_alone() -> Result<()> {
    let session = Session::new()?;
    let feed = Feed::start().await?;
    let ctl =
        Ctl::start(&session, &["watch", "--url", &feed.url(), "--json", "--quiet", "--once"])?;
    feed.wait_for_connections(1).await?;
    feed.send_vault(&Vault::calm("ETH-001"))?;
    feed.close(1000)?;

    let (status, events) = ctl.finish().await?;
    assert_eq!(status.code(), Some(0));
    assert_eq!(events.len(), 1, "{events:#?}");
    assert_eq!((&events[0]["event"], &events[0]["messages"]), (&"summary".into(), &1.into()));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_usage_ends_with_two() -> Result<()> {
    let session = Session::new()?;
    for args in [&["watch", "--no-such-flag"][..], &["watch", "--url", "http://127.0.0.1:1"]] {
        let (status, _) = Ctl::start(&session, args)?.finish().await?;
        assert_eq!(status.code(), Some(2), "{args:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_for_good_ends_with_three() -> Result<()> {
    let session = Session::new()?;
    let url = start_refusing("403 Forbidden").await?;
    let (status, _) = Ctl::start(&session, &["watch", "--url", &url])?.finish().await?;
    assert_eq!(status.code(), Some(3));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn check_tells_good_from_bad() -> Result<()> {
    let session = Session::new()?;
    let feed = Feed::start().await?;
    let (status, _) = Ctl::start(&session, &["check", "--url", &feed.url()])?.finish().await?;
    assert_eq!(status.code(), Some(0));

    let nobody = "ws://127.0.0.1:9";
    let forbidden = start_refusing("403 Forbidden").await?;
    for url in [nobody, &forbidden] {
        let (status, said) = Ctl::start(&session, &["check", "--url", url])?.finish().await?;
        assert_eq!(status.code(), Some(1), "{url}: {said:?}");
    }
    Ok(())
}

#[test]
fn the_command_line_and_the_watch_link_no_gui_library() -> Result<()> {
    let is_gui =
        |name: &&str| ["webkit", "gtk", "gdk", "javascriptcore"].iter().any(|g| name.contains(g));
    for program in ["vaultwatchctl", "vaultwatch"] {
        let libraries = shared_libraries(program)?;
        assert_eq!(libraries.lines().filter(is_gui).collect::<Vec<_>>(), Vec::<&str>::new());
    }
    // The window does, so the question is the right one.
    assert!(shared_libraries("vaultwatch-window")?.lines().any(|line| is_gui(&line)));
    Ok(())
}

#[test]
fn no_program_is_larger_than_25_megabytes() -> Result<()> {
    for program in ["vaultwatch", "vaultwatch-window", "vaultwatchctl", "vaultwatch-gateway"] {
        let size = fs::metadata(binary(program)?)?.len();
        eprintln!("{program}: {:.1} MB", size as f64 / 1e6);
        assert!(size <= 25_000_000, "{program}: {size} bytes");
    }
    Ok(())
}

/// A web server that answers every request so, and the address of the feed it should have been.
async fn start_refusing(status: &'static str) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("ws://{}", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer =
                format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            // Closing with unread input would reset the connection before the answer is read.
            let mut request = [0; 4_096];
            tokio::io::AsyncReadExt::read(&mut stream, &mut request).await.ok();
            stream.write_all(answer.as_bytes()).await.ok();
        }
    });
    Ok(url)
}
